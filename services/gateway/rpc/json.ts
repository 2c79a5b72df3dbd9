import { isUtf8 } from 'node:buffer';
import {
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Registry,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { invalidArgument, RpcError } from '#kit/rpc/errors.ts';
import { wrongInteger } from './integers.ts';
import type { Method } from './methods.ts';
import { wrongField } from './wrong-field.ts';

/** Converts the messages of a method between JSON and binary. */
export interface JsonCodec {
  /** Throws INVALID_ARGUMENT with the field path. Rejects unknown fields. */
  request(json: Uint8Array): Uint8Array;
  response(binary: Uint8Array): Uint8Array;
}

/** Returns undefined if the message types are unknown. */
export function jsonCodec({ messages }: Method): JsonCodec | undefined {
  if (messages === undefined) return undefined;
  const { input, output, registry } = messages;
  return {
    request: (json) => toBinary(input, readMessage(input, parse(json), registry)),
    // Like REST at the edge: fields with default values are present.
    response: (binary) => Buffer.from(toJsonString(output, fromBinary(output, binary), { registry, alwaysEmitImplicit: true })),
  };
}

function parse(bytes: Uint8Array): JsonValue {
  if (!isUtf8(bytes)) throw notJson('not UTF-8');
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as JsonValue;
  } catch (cause) {
    throw notJson(cause instanceof SyntaxError ? cause.message : String(cause), cause);
  }
}

function notJson(why: string, cause?: unknown): RpcError {
  return new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', `the request is not JSON: ${why}`, { cause });
}

function readMessage(schema: DescMessage, json: JsonValue, registry: Registry) {
  const wrong = wrongInteger(schema, json);
  if (wrong !== undefined) throw invalidArgument(wrong, 'has to be an integer');
  try {
    return fromJson(schema, json, { registry });
  } catch (error) {
    const { path, message } = wrongField(schema, json, messageOf(error), (type, part) => parseError(type, part, registry));
    if (path === '') throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', message, { cause: error });
    throw invalidArgument(path, message);
  }
}

function parseError(schema: DescMessage, json: JsonObject, registry: Registry): string | undefined {
  try {
    fromJson(schema, json, { registry });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The message of the library without the type name: `cannot decode field shop.orders.v1.Order.qty from JSON: expected …`. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^cannot decode .*? from JSON: /, '');
}

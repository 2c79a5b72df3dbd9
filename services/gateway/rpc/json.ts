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

/** Messages of a method between JSON and binary form. */
export interface JsonCodec {
  /** Throws INVALID_ARGUMENT that names the field: unknown fields are refused. */
  request(json: Uint8Array): Uint8Array;
  response(binary: Uint8Array): Uint8Array;
}

/** The JSON codec of a method, or undefined if its messages are not known. */
export function jsonCodec({ messages }: Method): JsonCodec | undefined {
  if (messages === undefined) return undefined;
  const { input, output, registry } = messages;
  return {
    request: (json) => toBinary(input, readMessage(input, parse(json), registry)),
    // As REST answers at the same address: fields are there also where they have their default.
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
    const { path, message } = wrongField(schema, json, wordsOf(error), (type, part) => refusalOf(type, part, registry));
    if (path === '') throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', message, { cause: error });
    throw invalidArgument(path, message);
  }
}

function refusalOf(schema: DescMessage, json: JsonObject, registry: Registry): string | undefined {
  try {
    fromJson(schema, json, { registry });
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

/** The library's words without the type's name: `cannot decode field rentcar.car.v1.X.qty from JSON: expected …`. */
function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^cannot decode .*? from JSON: /, '');
}

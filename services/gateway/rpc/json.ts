import {
  type DescField,
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
import { invalidArgument, RpcError } from '#kit/errors.ts';
import type { Method } from './methods.ts';

/** Messages of a method between JSON and binary form. */
export interface JsonCodec {
  /** Throws INVALID_ARGUMENT that names the field: unknown fields are refused. */
  request(json: Uint8Array): Uint8Array;
  response(binary: Uint8Array): Uint8Array;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

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
  try {
    return JSON.parse(utf8.decode(bytes)) as JsonValue;
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'not UTF-8';
    throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', `the request is not JSON: ${why}`, { cause });
  }
}

function readMessage(schema: DescMessage, json: JsonValue, registry: Registry) {
  try {
    return fromJson(schema, json, { registry });
  } catch (error) {
    const { path, message } = locate(schema, json, registry, wordsOf(error), 0);
    if (path === '') throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', message, { cause: error });
    throw invalidArgument(path, message);
  }
}

/** How deep a wrong field is looked for; what lies deeper is told by the field around it. */
const MAX_DEPTH = 8;

interface Wrong {
  /** In the names of JSON: `items[2].carId`. Empty: the message as a whole. */
  readonly path: string;
  readonly message: string;
}

/**
 * Finds the field that makes JSON unreadable: the library says what is wrong, but names no path. Reads each field by itself, then what is in
 * the one that fails.
 */
function locate(schema: DescMessage, json: JsonValue, registry: Registry, message: string, depth: number): Wrong {
  if (!isObject(json) || isWellKnown(schema) || depth === MAX_DEPTH) return { path: '', message };
  for (const [key, value] of Object.entries(json)) {
    const failure = failureOf(schema, { [key]: value }, registry);
    if (failure === undefined) continue;
    const field = schema.fields.find(({ jsonName, name }) => jsonName === key || name === key);
    if (field === undefined) return { path: key, message: 'is not a field of the request' };
    const inner = locateIn(schema, field, key, value, registry, failure, depth);
    return { path: `${field.jsonName}${inner.path}`, message: inner.message };
  }
  // Each field by itself can be read: two that belong to one oneof cannot be set together, for example.
  return { path: '', message };
}

/** As locate, for the value of one field; the path continues that of the field. */
function locateIn(
  schema: DescMessage,
  field: DescField,
  key: string,
  value: JsonValue,
  registry: Registry,
  message: string,
  depth: number,
): Wrong {
  const within = (child: DescMessage | undefined, part: JsonValue, prefix: string, why: string): Wrong => {
    if (child === undefined) return { path: prefix, message: why };
    const inner = locate(child, part, registry, why, depth + 1);
    return { path: inner.path === '' ? prefix : `${prefix}.${inner.path}`, message: inner.message };
  };
  if (field.fieldKind === 'message') return within(field.message, value, '', message);
  if (field.fieldKind === 'list' && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const failure = failureOf(schema, { [key]: [item] }, registry);
      if (failure !== undefined) return within(field.message, item, `[${index}]`, failure);
    }
  }
  if (field.fieldKind === 'map' && isObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      const failure = failureOf(schema, { [key]: { [name]: item } }, registry);
      if (failure !== undefined) return within(field.message, item, `[${JSON.stringify(name)}]`, failure);
    }
  }
  return { path: '', message };
}

function failureOf(schema: DescMessage, json: JsonObject, registry: Registry): string | undefined {
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

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Whether a message has a JSON form of its own, so that the keys of its JSON are not its fields. */
function isWellKnown(schema: DescMessage): boolean {
  return schema.file.name.startsWith('google/protobuf/');
}

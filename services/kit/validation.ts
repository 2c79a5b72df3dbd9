import { readFileSync } from 'node:fs';
import { create, createFileRegistry, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import type { Path } from '@bufbuild/protobuf/reflect';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createValidator } from '@bufbuild/protovalidate';
import { status } from '@grpc/grpc-js';
import { invalidFields, RpcError } from './errors.ts';

/** The descriptors of all contracts (a FileDescriptorSet), made by `buf build`. */
export function readImage(): Uint8Array {
  return readFileSync(new URL('../../gen/image.binpb', import.meta.url));
}

/** Throws INVALID_ARGUMENT unless the bytes are a message that keeps the rules declared in its proto. */
export type RequestCheck = (bytes: Uint8Array) => void;

/** What `requestChecks` gives: the check for a method, by its gRPC path. */
export type RequestChecks = (path: string) => RequestCheck;

/**
 * Checks requests against the protovalidate rules in the descriptors of an image. The check of a method is made, and its rules are
 * compiled, when it is asked for: a rule that cannot be compiled is an error at start and not at the first request.
 */
export function requestChecks(image: Uint8Array): RequestChecks {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  const validator = createValidator({ registry });
  return (path) => {
    const [, serviceName = '', methodName = ''] = path.split('/');
    const input = registry.getService(serviceName)?.methods.find(({ name }) => name === methodName)?.input;
    if (input === undefined) throw new Error(`${path} is not in the image of the contracts: generate it anew`);
    const compiled = validator.validate(input, create(input));
    if (compiled.kind === 'error') throw new Error(`the rules of ${input.typeName} cannot be used`, { cause: compiled.error });
    return (bytes) => {
      const result = validator.validate(input, decode(input, bytes));
      if (result.kind === 'error') throw result.error;
      if (result.kind === 'invalid') {
        throw invalidFields(result.violations.map(({ field, message }) => ({ field: jsonPath(field), description: message })));
      }
    };
  };
}

function decode(schema: DescMessage, bytes: Uint8Array) {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', `the request is not a ${schema.typeName}`, { cause });
  }
}

/** A path to a field in the names of JSON: `items[2].carId`. Empty for a rule on the message as a whole. */
export function jsonPath(path: Path): string {
  let text = '';
  for (const step of path) {
    switch (step.kind) {
      case 'field':
        text = join(text, step.jsonName);
        break;
      case 'oneof':
        text = join(text, step.name);
        break;
      case 'extension':
        text = join(text, `[${step.typeName}]`);
        break;
      case 'list_sub':
        text += `[${step.index}]`;
        break;
      case 'map_sub':
        text += `[${JSON.stringify(String(step.key))}]`;
    }
  }
  return text;
}

function join(before: string, name: string): string {
  return before === '' ? name : `${before}.${name}`;
}

import { isAscii } from 'node:buffer';
import { type DescMessage, type FileRegistry, fromBinary, type Message } from '@bufbuild/protobuf';
import type { Path } from '@bufbuild/protobuf/reflect';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Validator } from '@bufbuild/protovalidate';
import { status } from '@grpc/grpc-js';
import { compileActingUser } from './acting-user.ts';
import { invalidFields, RpcError } from './errors.ts';
import { fieldsWithNul } from './nul.ts';
import { compileRules } from './request-rules.ts';
import type { Method, RequestDecoder } from './server.ts';
import { compileLowerCase } from './uuid-fields.ts';

/**
 * Returns what makes the decoders of requests: strict decoding (malformed bytes and invalid UTF-8 are
 * refused), the protovalidate rules of the contracts, no U+0000 in any text, and UUIDs in lower case.
 */
export function requestDecoders(registry: FileRegistry): (method: Method) => RequestDecoder {
  let validator: Promise<Validator> | undefined;
  return (method) => {
    const [, serviceName = '', methodName = ''] = method.path.split('/');
    const input = registry.getService(serviceName)?.methods.find(({ name }) => name === methodName)?.input;
    if (input === undefined) throw new Error(`${method.path} is not in the image of the contracts: generate it anew`);
    const decode = messageDecoder(method, input);
    const isValid = compileRules(input) ?? (() => true);
    const lowerCaseUuids = compileLowerCase(input);
    const checked = async (message: unknown) => {
      validator ??= createValidator(registry);
      // The decoder of a method returns its request message.
      check(await validator, input, fromBinary(input, method.requestSerialize(message as never)));
      lowerCaseUuids?.(message);
      return message;
    };
    const decodeValid = (bytes: Buffer) => {
      const message = decode(bytes);
      if (!isValid(message) || bytes.includes(0)) return checked(message);
      lowerCaseUuids?.(message);
      return message;
    };
    return Object.assign(decodeValid, { actingUser: compileActingUser(input, registry) });
  };
}

/** Loads protovalidate with the first request that the compiled rules do not accept: its CEL engine takes 10 MiB. */
async function createValidator(registry: FileRegistry): Promise<Validator> {
  const protovalidate = await import('@bufbuild/protovalidate');
  return protovalidate.createValidator({ registry });
}

/** Returns a decoder that throws INVALID_ARGUMENT for bytes that are not a message of the type. */
export function strictDecoder(typeName: string, decode: RequestDecoder): RequestDecoder {
  return (bytes) => {
    try {
      readFields(bytes);
      return decode(bytes);
    } catch (cause) {
      throw new RpcError(status.INVALID_ARGUMENT, 'MALFORMED_MESSAGE', `the request is not a ${typeName}`, { cause });
    }
  };
}

function messageDecoder({ requestDeserialize }: Method, input: DescMessage): RequestDecoder {
  const hasNested = input.fields.some((field) => field.message !== undefined);
  return strictDecoder(input.typeName, (bytes) => {
    // ts-proto puts U+FFFD for invalid UTF-8, and stops in the middle of a nested message that it cannot
    // read: protobuf-es refuses both.
    if (hasNested || !isAscii(bytes)) fromBinary(input, bytes);
    return requestDeserialize(bytes);
  });
}

/**
 * Throws unless the bytes are a sequence of fields. ts-proto stops at a tag that no field has, and
 * protobufjs reads a text that is cut off.
 */
function readFields(bytes: Buffer): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    reader.skip(wireType, number);
  }
}

/** Throws INVALID_ARGUMENT that names every field that breaks a rule. */
function check(validator: Validator, input: DescMessage, message: Message): void {
  const result = validator.validate(input, message);
  if (result.kind === 'error') throw result.error;
  const broken = result.kind === 'invalid' ? result.violations.map(({ field, message: description }) => ({ field, description })) : [];
  const nul = fieldsWithNul(input, message).map((field) => ({ field, description: 'must not contain U+0000' }));
  const violations = [...nul, ...broken].map(({ field, description }) => ({ field: jsonPath(field), description }));
  if (violations.length > 0) throw invalidFields(violations);
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

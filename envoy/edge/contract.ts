import { createFileRegistry, type DescField, type DescMessage, fromBinary, type Registry, ScalarType } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Message } from '../json.ts';
import type { PublicImage, PublicMethod, RestBinding } from './image.ts';
import { readTemplate } from './template.ts';

/**
 * What lua/fields.lua is told of the contracts: for each REST binding that takes a body the type of that body, and all messages and enums
 * that can come in one. A type is what JSON stands for a field.
 */
export interface BodyContract extends Message {
  readonly roots: Record<string, Message>;
  readonly messages: Record<string, Message[]>;
  readonly enums: Record<string, string[]>;
}

/** The name of a binding, for its route and for the contract of its body. */
export function bindingName({ verb, template }: RestBinding): string {
  return `${verb} ${template}`;
}

/** Collects what the bodies of the public methods can have. */
export function bodyContract({ bytes, methods }: PublicImage): BodyContract {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const contract: BodyContract = { roots: {}, messages: {}, enums: {} };
  for (const method of methods) {
    for (const binding of method.bindings) {
      if (binding.body !== '') contract.roots[bindingName(binding)] = rootOf(method, binding, registry, contract);
    }
  }
  return contract;
}

function rootOf(method: PublicMethod, { body, template }: RestBinding, registry: Registry, contract: BodyContract): Message {
  const input = registry.getMessage(method.input);
  if (input === undefined) throw new Error(`${method.path}: the image does not have ${method.input}`);
  if (body === '*') {
    const bound = Object.fromEntries(readTemplate(template).fields.map((field) => [field, true]));
    return { ...messageType(input, contract), bound };
  }
  const field = input.fields.find(({ name }) => name === body);
  if (field === undefined) throw new Error(`${method.path}: ${method.input} has no field ${body} to be the body`);
  return fieldType(field, contract);
}

function messageType(message: DescMessage, contract: BodyContract): Message {
  const name = message.typeName;
  const wrapped = WRAPPER.test(name) && message.fields[0];
  if (wrapped) return fieldType(wrapped, contract);
  const ownForm = OWN_FORMS[name];
  if (ownForm) return ownForm;
  if (contract.messages[name] === undefined) {
    // Before its fields are looked at: a message can contain itself.
    const fields: Message[] = [];
    contract.messages[name] = fields;
    for (const field of message.fields) {
      fields.push({ json: field.jsonName, proto: field.name, oneof: field.oneof?.name, type: fieldType(field, contract) });
    }
  }
  return { is: 'message', message: name };
}

function fieldType(field: DescField, contract: BodyContract): Message {
  if (field.fieldKind === 'map') return { is: 'map', keys: scalarName(field.mapKey), of: valueType(field, field.mapKind, contract) };
  if (field.fieldKind === 'list') return { is: 'list', of: valueType(field, field.listKind, contract) };
  return valueType(field, field.fieldKind, contract);
}

/** The type of a field, or of its items or values where it has many. */
function valueType({ message, enum: desc, scalar }: DescField, kind: 'message' | 'enum' | 'scalar', contract: BodyContract): Message {
  if (kind === 'message' && message) return messageType(message, contract);
  if (kind === 'scalar' && scalar) return { is: scalarName(scalar) };
  if (!desc || desc.typeName === 'google.protobuf.NullValue') return ANY;
  contract.enums[desc.typeName] ??= desc.values.map(({ name }) => name);
  return { is: 'enum', enum: desc.typeName };
}

const ANY: Message = { is: 'any' };

/** In JSON these are the value that they wrap. */
const WRAPPER = /^google\.protobuf\.(Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value$/;

const FREE_OBJECT: Message = { is: 'map', keys: 'string', of: ANY };

/** Messages that have a form of their own in JSON. */
const OWN_FORMS: Readonly<Record<string, Message>> = {
  'google.protobuf.Any': FREE_OBJECT,
  'google.protobuf.Duration': { is: 'duration' },
  'google.protobuf.FieldMask': { is: 'string' },
  'google.protobuf.ListValue': { is: 'list', of: ANY },
  'google.protobuf.Struct': FREE_OBJECT,
  'google.protobuf.Timestamp': { is: 'timestamp' },
  'google.protobuf.Value': ANY,
};

/** The scalar types of a proto by what holds for them in JSON. */
function scalarName(type: ScalarType): string {
  switch (type) {
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return 'int32';
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return 'uint32';
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return 'int64';
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return 'uint64';
    case ScalarType.DOUBLE:
      return 'double';
    case ScalarType.FLOAT:
      return 'float';
    case ScalarType.BOOL:
      return 'bool';
    case ScalarType.BYTES:
      return 'bytes';
    case ScalarType.STRING:
      return 'string';
  }
}

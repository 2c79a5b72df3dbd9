import { type DescField, type DescMessage, getOption } from '@bufbuild/protobuf';
import { type FieldRules, field as fieldRules } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

type Fields = Record<string, unknown>;
type Change = (value: unknown) => unknown;

/**
 * Compiles a function that writes the UUIDs of a ts-proto message in lower case, in place: the fields and
 * the items with the rule `string.uuid`, also in nested messages. UUIDs are compared as text in many
 * places, and RFC 9562 gives both cases one meaning. Undefined if the message has none.
 */
export function compileLowerCase(desc: DescMessage): ((message: unknown) => void) | undefined {
  const change = changeOf(desc, []);
  return change && ((message) => void change(message));
}

function changeOf(desc: DescMessage, outer: readonly DescMessage[]): Change | undefined {
  if (outer.includes(desc)) throw new Error(`${desc.typeName} contains itself, which a request must not`);
  const changes = desc.fields.flatMap((field) => {
    const change = fieldChange(field, [...outer, desc]);
    return change === undefined ? [] : [[field.localName, change] as const];
  });
  if (changes.length === 0) return undefined;
  return (message) => {
    // A decoded message is an object.
    const fields = message as Fields;
    for (const [name, change] of changes) {
      const value = fields[name];
      if (value !== undefined) fields[name] = change(value);
    }
    return message;
  };
}

function fieldChange(field: DescField, outer: readonly DescMessage[]): Change | undefined {
  const rules = getOption(field, fieldRules);
  const nested = field.message === undefined ? undefined : changeOf(field.message, outer);
  if (field.fieldKind !== 'list') return isUuid(rules) ? lowerCase : nested;
  const items = rules.type.case === 'repeated' ? rules.type.value.items : undefined;
  const change = items !== undefined && isUuid(items) ? lowerCase : nested;
  // The items of a decoded repeated field are an array.
  return change && ((values) => (values as readonly unknown[]).map(change));
}

function isUuid({ type }: FieldRules): boolean {
  return type.case === 'string' && type.value.wellKnown.case === 'uuid' && type.value.wellKnown.value;
}

function lowerCase(value: unknown): string {
  return String(value).toLowerCase();
}

import { type DescField, type DescMessage, type JsonObject, type JsonValue, ScalarType } from '@bufbuild/protobuf';

/** An integer as text: decimal digits. protobuf-es also reads "0x5", "+5", "5.0" and "1e3", which the edge refuses at REST. */
const INTEGER = /^-?\d+$/;

const INTEGERS: ReadonlySet<ScalarType | undefined> = new Set([
  ...[ScalarType.INT32, ScalarType.UINT32, ScalarType.SINT32, ScalarType.FIXED32, ScalarType.SFIXED32],
  ...[ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64],
]);

/** Returns the path (in JSON names, such as `items[2].qty`) of the first text in an integer field that is not decimal digits. */
export function wrongInteger(schema: DescMessage, json: JsonValue): string | undefined {
  if (!isObject(json)) return undefined;
  for (const [key, value] of Object.entries(json)) {
    const field = schema.fields.find(({ jsonName, name }) => jsonName === key || name === key);
    for (const [suffix, part] of field === undefined ? [] : partsOf(field, value)) {
      const path = `${field?.jsonName}${suffix}`;
      if (field?.message !== undefined) {
        const inner = wrongInteger(field.message, part);
        if (inner !== undefined) return `${path}.${inner}`;
      } else if (INTEGERS.has(field?.scalar) && typeof part === 'string' && !INTEGER.test(part)) return path;
    }
  }
  return undefined;
}

/** Returns the values of a field, each with its place in the field: `''`, `[2]` or `["key"]`. */
function partsOf(field: DescField, value: JsonValue): (readonly [string, JsonValue])[] {
  if (field.fieldKind === 'list' && Array.isArray(value)) return value.map((item, index) => [`[${index}]`, item] as const);
  if (field.fieldKind === 'map' && isObject(value)) return Object.entries(value).map(([key, item]) => [`[${JSON.stringify(key)}]`, item]);
  return [['', value]];
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

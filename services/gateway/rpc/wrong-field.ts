import type { DescField, DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf';

/** Returns why JSON is no message of a type, or undefined if it is one. */
export type ParseError = (schema: DescMessage, json: JsonObject) => string | undefined;

export interface FieldError {
  /** JSON path such as `items[2].carId`. Empty: the whole message. */
  readonly path: string;
  readonly message: string;
}

/** Limit of nesting. A deeper error is reported at the field at this depth. */
const MAX_DEPTH = 8;

/**
 * Finds the first malformed field, because the library reports no path. Uses binary search, so each level of nesting is parsed
 * about twice.
 *
 * @param message the error of the whole message
 */
export function wrongField(schema: DescMessage, json: JsonValue, message: string, parseErrorOf: ParseError): FieldError {
  return inMessage(schema, json, { message, parseErrorOf, depth: 0 });
}

interface Context {
  readonly message: string;
  readonly parseErrorOf: ParseError;
  readonly depth: number;
}

function inMessage(schema: DescMessage, json: JsonValue, context: Context): FieldError {
  const { message, parseErrorOf, depth } = context;
  if (!isObject(json) || isWellKnown(schema) || depth === MAX_DEPTH) return { path: '', message };
  const found = firstWrong(Object.entries(json), message, (entries) => parseErrorOf(schema, Object.fromEntries(entries)));
  // Each field alone is valid, for example two fields of one oneof.
  if (found === undefined) return { path: '', message };
  const [key, value] = found.part;
  const field = schema.fields.find(({ jsonName, name }) => jsonName === key || name === key);
  if (field === undefined) return { path: key, message: 'is not a field of the request' };
  const inner = inField(schema, field, value, { ...context, message: found.message });
  return { path: `${field.jsonName}${inner.path}`, message: inner.message };
}

function inField(schema: DescMessage, field: DescField, value: JsonValue, context: Context): FieldError {
  const { message, parseErrorOf } = context;
  const { jsonName } = field;
  if (field.fieldKind === 'message') return within(field.message, value, '', context);
  if (field.fieldKind === 'list' && Array.isArray(value)) {
    const found = firstWrong(value, message, (items) => parseErrorOf(schema, { [jsonName]: [...items] }));
    if (found !== undefined) return within(field.message, found.part, `[${found.index}]`, { ...context, message: found.message });
  }
  if (field.fieldKind === 'map' && isObject(value)) {
    const found = firstWrong(Object.entries(value), message, (entries) =>
      parseErrorOf(schema, { [jsonName]: Object.fromEntries(entries) }),
    );
    if (found !== undefined)
      return within(field.message, found.part[1], `[${JSON.stringify(found.part[0])}]`, { ...context, message: found.message });
  }
  return { path: '', message };
}

function within(schema: DescMessage | undefined, json: JsonValue, prefix: string, context: Context): FieldError {
  if (schema === undefined) return { path: prefix, message: context.message };
  const { path, message } = inMessage(schema, json, { ...context, depth: context.depth + 1 });
  return { path: path === '' ? prefix : `${prefix}.${path}`, message };
}

/**
 * Finds the first part that is malformed alone, by binary search.
 *
 * @param message the error of all parts together, which is the error of the first malformed one
 */
function firstWrong<T>(parts: readonly T[], message: string, parseErrorOf: (some: readonly T[]) => string | undefined) {
  let [from, to] = [0, parts.length];
  while (to - from > 1) {
    const middle = (from + to) >>> 1;
    if (parseErrorOf(parts.slice(from, middle)) === undefined) from = middle;
    else to = middle;
  }
  const [part] = parts.slice(from, to);
  return part === undefined || parseErrorOf([part]) === undefined ? undefined : { part, index: from, message };
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Whether a message has a special JSON form. */
function isWellKnown(schema: DescMessage): boolean {
  return schema.file.name.startsWith('google/protobuf/');
}

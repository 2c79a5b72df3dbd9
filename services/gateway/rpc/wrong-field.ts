import type { DescField, DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf';

/** Why JSON is no message of a type, in a library's words; undefined if it is one. */
export type Refusal = (schema: DescMessage, json: JsonObject) => string | undefined;

/** What is wrong in a message, and where. */
export interface Wrong {
  /** In the names of JSON: `items[2].carId`. Empty: the message as a whole. */
  readonly path: string;
  readonly message: string;
}

/** How deep a wrong field is looked for; what lies deeper is told by the field around it. */
const MAX_DEPTH = 8;

/**
 * Finds the first field that makes JSON unreadable: the library says what is wrong, but names no path. Every level of nesting is read a few
 * times, however many fields or items it has.
 *
 * @param message why the whole cannot be read
 */
export function wrongField(schema: DescMessage, json: JsonValue, message: string, refusal: Refusal): Wrong {
  return inMessage(schema, json, { message, refusal, depth: 0 });
}

/** What is known of a part that cannot be read. */
interface Known {
  readonly message: string;
  readonly refusal: Refusal;
  readonly depth: number;
}

function inMessage(schema: DescMessage, json: JsonValue, known: Known): Wrong {
  const { message, refusal, depth } = known;
  if (!isObject(json) || isWellKnown(schema) || depth === MAX_DEPTH) return { path: '', message };
  const found = firstWrong(Object.entries(json), message, (entries) => refusal(schema, Object.fromEntries(entries)));
  // Each field by itself can be read: two that belong to one oneof cannot be set together, for example.
  if (found === undefined) return { path: '', message };
  const [key, value] = found.part;
  const field = schema.fields.find(({ jsonName, name }) => jsonName === key || name === key);
  if (field === undefined) return { path: key, message: 'is not a field of the request' };
  const inner = inField(schema, field, value, { ...known, message: found.message });
  return { path: `${field.jsonName}${inner.path}`, message: inner.message };
}

/** As inMessage, for the value of one field; the path continues that of the field. */
function inField(schema: DescMessage, field: DescField, value: JsonValue, known: Known): Wrong {
  const { message, refusal } = known;
  const { jsonName } = field;
  if (field.fieldKind === 'message') return within(field.message, value, '', known);
  if (field.fieldKind === 'list' && Array.isArray(value)) {
    const found = firstWrong(value, message, (items) => refusal(schema, { [jsonName]: [...items] }));
    if (found !== undefined) return within(field.message, found.part, `[${found.index}]`, { ...known, message: found.message });
  }
  if (field.fieldKind === 'map' && isObject(value)) {
    const found = firstWrong(Object.entries(value), message, (entries) => refusal(schema, { [jsonName]: Object.fromEntries(entries) }));
    if (found !== undefined)
      return within(field.message, found.part[1], `[${JSON.stringify(found.part[0])}]`, { ...known, message: found.message });
  }
  return { path: '', message };
}

/** As inMessage, for what lies at `prefix`; there is nothing in it where it is no message. */
function within(schema: DescMessage | undefined, json: JsonValue, prefix: string, known: Known): Wrong {
  if (schema === undefined) return { path: prefix, message: known.message };
  const { path, message } = inMessage(schema, json, { ...known, depth: known.depth + 1 });
  return { path: path === '' ? prefix : `${prefix}.${path}`, message };
}

/**
 * The first of some parts that is wrong by itself. It is looked for by halves, so that all of them are read about as often as one.
 *
 * @param message why they cannot be read together, which is what is wrong with the first one
 */
function firstWrong<T>(parts: readonly T[], message: string, refusal: (some: readonly T[]) => string | undefined) {
  let [from, to] = [0, parts.length];
  while (to - from > 1) {
    const middle = (from + to) >>> 1;
    if (refusal(parts.slice(from, middle)) === undefined) from = middle;
    else to = middle;
  }
  const [part] = parts.slice(from, to);
  return part === undefined || refusal([part]) === undefined ? undefined : { part, index: from, message };
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Whether a message has a JSON form of its own, so that the keys of its JSON are not its fields. */
function isWellKnown(schema: DescMessage): boolean {
  return schema.file.name.startsWith('google/protobuf/');
}

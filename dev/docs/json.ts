/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object that is built up; undefined members are not written. */
export interface JsonObject {
  [name: string]: Json | undefined;
}

/** The object under a name, made if it is not there. Throws if something else is there. */
export function objectAt(parent: JsonObject, name: string): JsonObject {
  const found = parent[name] ?? {};
  parent[name] = found;
  return asObject(found);
}

/** Says that a value is an object; throws if it is not. */
export function asObject(value: Json | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`not an object: ${JSON.stringify(value)}`);
  // What is left of Json is JsonObject; Array.isArray does not take readonly arrays out of the type.
  return value as JsonObject;
}

/** Says that a value is a list of objects, an absent one being empty; throws if it is not. */
export function asObjects(value: Json | undefined): JsonObject[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Error(`not a list: ${JSON.stringify(value)}`);
  return value.map(asObject);
}

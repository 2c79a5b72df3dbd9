/** A value of JSON. A field that is undefined is left out when the value is written. */
export type Json = string | number | boolean | null | readonly Json[] | Message;

/** A protobuf message in protobuf-JSON with its original (snake_case) field names. */
export interface Message {
  readonly [field: string]: Json | undefined;
}

/** Whether a value is a message: an object, and neither a list nor null. */
export function isMessage(value: Json | undefined): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same message without the fields that are undefined. */
export function message(fields: Message): Message {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The message if it has a field that is set, else undefined. */
export function unlessEmpty(fields: Message): Message | undefined {
  const kept = message(fields);
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** A message packed into google.protobuf.Any; `type` is its full name. */
export function any(type: string, fields: Message = {}): Message {
  return { '@type': `type.googleapis.com/${type}`, ...fields };
}

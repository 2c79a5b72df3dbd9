import { v5, v7, validate } from 'uuid';

/** The namespace of all derived ids of the kit: a random UUID that must never change, or repeated calls would get new ids. */
const ROOT = '8f0e2c9a-51c1-4d0c-9b4e-7d3f6a2b1c58';

/** A new id that sorts by the time of its making (UUIDv7). */
export function newId(): string {
  return v7();
}

/** The id that always follows from these texts (UUIDv5). `namespaceText` keeps apart what different uses derive from equal parts. */
export function derivedId(namespaceText: string, ...parts: string[]): string {
  // As JSON, so that ('a', 'bc') and ('ab', 'c') differ.
  return v5(JSON.stringify(parts), v5(namespaceText, ROOT));
}

/** Whether a text has the form of a UUID. */
export function isId(text: string): boolean {
  return validate(text);
}

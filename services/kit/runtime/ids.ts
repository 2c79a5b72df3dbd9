import { hash, randomFillSync } from 'node:crypto';
import { parse, stringify, v7, validate } from 'uuid';

/** The namespace of all derived ids: a random UUID that must never change, or repeated calls would get new ids. */
const ROOT = parse('8f0e2c9a-51c1-4d0c-9b4e-7d3f6a2b1c58');

/** Random bytes for many ids. A system call per id would cost more than the rest of an id. */
const pool = new Uint8Array(4096);
let used = pool.length;

/** The time of the newest id and its number within that millisecond, so that ids of one process sort. */
let milliseconds = 0;
let sequence = 0;

const namespaces = new Map<string, Uint8Array>();

/** Returns a new id that sorts by its creation time (UUIDv7). */
export function newId(): string {
  const random = randomBytes();
  const now = Date.now();
  if (now > milliseconds) {
    milliseconds = now;
    // A random 31-bit start leaves room for as many ids in the same millisecond.
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1;
  } else {
    sequence += 1;
  }
  return v7({ random, msecs: milliseconds, seq: sequence });
}

/** Returns the id that always follows from these texts (UUIDv5). `use` separates ids of equal parts for different purposes. */
export function derivedId(use: string, ...parts: string[]): string {
  let namespace = namespaces.get(use);
  if (namespace === undefined) {
    namespace = v5(use, ROOT);
    namespaces.set(use, namespace);
  }
  // As JSON, so that ('a', 'bc') and ('ab', 'c') differ.
  return stringify(v5(JSON.stringify(parts), namespace));
}

/** Whether a text has the form of a UUID. */
export function isId(text: string): boolean {
  return validate(text);
}

/** Returns 16 random bytes. */
export function randomBytes(): Uint8Array<ArrayBuffer> {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}

/** UUIDv5 in bytes (RFC 9562, section 5.5). The function of the uuid package takes four times as long. */
function v5(name: string, namespace: Uint8Array): Uint8Array {
  const bytes = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'buffer').subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

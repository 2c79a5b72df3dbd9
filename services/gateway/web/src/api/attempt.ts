/**
 * One attempt to create something: every call that it makes carries the same idempotency-key, so that a double click, a retry or a lost
 * answer cannot create it twice.
 */
export interface Attempt {
  /** The headers of each of its calls. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A new attempt, with a key that nobody else has. */
export function newAttempt(): Attempt {
  return { headers: { 'idempotency-key': uuid() } };
}

/** crypto.randomUUID exists on https and localhost only; the system may be looked at by plain http from another machine. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

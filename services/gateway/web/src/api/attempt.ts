/**
 * An attempt to create an entity. All its calls carry one idempotency key, so a double click, a retry or a lost answer creates the entity
 * once.
 */
export interface Attempt {
  /** Headers of each call. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns an attempt with a new key. */
export function newAttempt(): Attempt {
  return { headers: { 'idempotency-key': uuid() } };
}

/** crypto.randomUUID exists on https and localhost only. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

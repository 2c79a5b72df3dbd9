const uncommitted = new WeakSet<object>();

/** Marks the error of a transaction whose COMMIT was never sent. */
export function markUncommitted(error: unknown): void {
  if (typeof error === 'object' && error !== null) uncommitted.add(error);
}

/** Returns whether an error ended a transaction that was certainly not committed, so that the transaction changed nothing. */
export function isUncommitted(error: unknown): boolean {
  return typeof error === 'object' && error !== null && uncommitted.has(error);
}

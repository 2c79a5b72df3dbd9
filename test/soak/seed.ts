import { randomInt } from 'node:crypto';

/** A seed for a run that was given none. */
export function newSeed(): number {
  return randomInt(1_000_000);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { successes } from './findings.ts';
import type { DemoWork } from './work.ts';

/** Limit of the time in which events that are under way arrive, in milliseconds. */
const LIMIT_MS = 10_000;
const POLL_MS = 100;

/** A promise about counts of stored data: each is the number of successes. */
export interface StoredPromise {
  readonly promise: string;
  /** The successes in a word: `made`. */
  readonly successes: string;
  /** Returns the counts by what they are of: `{ taken: 7 }`. */
  readonly count: () => Promise<Readonly<Record<string, number>>>;
}

/** Returns the check of a promise, which waits until the events have arrived. */
export function storedCheck({ promise, successes: word, count }: StoredPromise): DemoWork['check'] {
  return async ({ answers }) => {
    const made = successes(answers);
    const agree = (counts: Readonly<Record<string, number>>) => Object.values(counts).every((each) => each === made);
    const counts = await settled(count, agree);
    const seen = [`${made} ${word}`, ...Object.entries(counts).map(([name, each]) => `${each} ${name}`)].join(', ');
    return [{ held: agree(counts), promise, seen }];
  };
}

/** Reads until something is so, up to a limit in milliseconds. @returns what was read last */
export async function settled<T>(read: () => Promise<T>, isSo: (found: T) => boolean, limitMs = LIMIT_MS): Promise<T> {
  const limit = performance.now() + limitMs;
  for (;;) {
    const found = await read();
    if (isSo(found) || performance.now() > limit) return found;
    await sleep(POLL_MS);
  }
}

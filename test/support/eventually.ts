import { setTimeout as sleep } from 'node:timers/promises';

/** How long a condition that needs no restart of anything may take, generous for a busy machine: it only decides when a test gives up. */
const LIMIT_MS = 20_000;

/** The first and the longest wait between two looks. */
const FIRST_PAUSE_MS = 15;
const LONGEST_PAUSE_MS = 250;

/**
 * Looks again and again until `look` does not throw, and returns what it returns. `look` states the condition with assertions.
 *
 * Throws after `limitMs` with `what` and the last look's error, which shows the last state.
 */
export async function eventually<T>(what: string, look: () => Promise<T> | T, limitMs = LIMIT_MS): Promise<T> {
  const limit = Date.now() + limitMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > limit) {
        const last = error instanceof Error ? error.message : String(error);
        throw new Error(`not within ${limitMs / 1000} s: ${what}; the last look: ${last}`, { cause: error });
      }
    }
    await sleep(pause);
  }
}

/** Runs `work` for each item with at most `limit` of them at a time, and returns the results in the order of the items. */
export async function each<T, R>(items: readonly T[], limit: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const entries = items.entries();
  const worker = async () => {
    // All workers take from the same iterator.
    for (const [index, item] of entries) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}

/** 0, 1, … n − 1. */
export function range(n: number): number[] {
  return [...Array(n).keys()];
}

import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 500;

/** The share of the machine's processors that nobody uses now, 0 to 1. */
async function idleShare(): Promise<number> {
  const sum = () =>
    cpus().reduce(
      ({ idle, all }, { times }) => ({ idle: idle + times.idle, all: all + Object.values(times).reduce((total, time) => total + time, 0) }),
      { idle: 0, all: 0 },
    );
  const before = sum();
  await sleep(LOOK_MS);
  const after = sum();
  return (after.idle - before.idle) / (after.all - before.all);
}

/**
 * Waits until most of the machine has nothing to do, so that a time measured after it is the system's own. Returns false if it has not come
 * to that within `limitMs`: then other work decides over times of some milliseconds.
 */
export async function isQuiet(limitMs: number): Promise<boolean> {
  const limit = performance.now() + limitMs;
  do {
    if ((await idleShare()) > 0.6) return true;
  } while (performance.now() < limit);
  return false;
}

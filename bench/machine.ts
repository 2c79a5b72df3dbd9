import { availableParallelism, cpus, totalmem } from 'node:os';

/** Steps of the calibration loop: about half a second on a core of 2024. */
const CALIBRATION_STEPS = 300_000_000;

/** Describes the machine in a few words: cores, processor, memory. */
export function machineTitle(): string {
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
}

/**
 * Runs a fixed amount of work on one core and returns the milliseconds that it took. Figures of runs whose calibrations differ
 * by more than their own difference say nothing.
 */
export function calibrate(steps = CALIBRATION_STEPS): number {
  const start = performance.now();
  let state = 1;
  for (let step = 0; step < steps; step++) {
    // xorshift32: each step needs the one before, so the loop cannot be shortened.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  // Never 0; without a use of the result the loop could be removed.
  if (state === 0) throw new Error('unreachable: xorshift32 has no zero');
  return performance.now() - start;
}

/** Seconds of CPU of all cores since the machine started. */
interface Reading {
  readonly at: number;
  readonly idle: number;
  readonly own: number;
}

/**
 * Measures which share of all cores other processes use from now on, 0 to 1. What a hypervisor gives to other machines counts
 * as theirs.
 *
 * @param own seconds of CPU that the measured system and its load generator have used so far
 * @returns ends the measurement
 */
export function measureOthers(own: () => number): () => number {
  const cores = cpus().length;
  const read = (): Reading => ({
    at: performance.now() / 1000,
    idle: cpus().reduce((sum, { times }) => sum + times.idle, 0) / 1000,
    own: own(),
  });
  const begin = read();
  return () => {
    const end = read();
    const all = (end.at - begin.at) * cores;
    return Math.max(0, (all - (end.idle - begin.idle) - (end.own - begin.own)) / all);
  };
}

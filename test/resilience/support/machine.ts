import { cpus } from 'node:os';
import { tested } from '../../support/tested/index.ts';

/** Seconds of the processors so far. */
interface Reading {
  readonly all: number;
  /** That nobody used. */
  readonly idle: number;
  /** That these tests and the tested system used. */
  readonly own: number;
}

/**
 * Measures from now on what share of the machine's processors is used by others than these tests and the tested system, 0 to 1: where it is
 * large, they decide over times of some milliseconds, and not the system. What a hypervisor gives to other machines counts as theirs, and
 * what a cluster needs for itself.
 *
 * @returns ends the measurement; NaN where the system runs on other machines
 */
export async function measureOthers(): Promise<() => Promise<number>> {
  const begin = await read();
  return async () => {
    const end = await read();
    return (end.all - begin.all - (end.idle - begin.idle) - (end.own - begin.own)) / (end.all - begin.all);
  };
}

async function read(): Promise<Reading> {
  const processors = cpus();
  const { user, system } = process.cpuUsage();
  return {
    all: (performance.now() / 1000) * processors.length,
    idle: processors.reduce((sum, { times }) => sum + times.idle, 0) / 1000,
    own: ((await tested.cpuSeconds()) ?? Number.NaN) + (user + system) / 1e6,
  };
}

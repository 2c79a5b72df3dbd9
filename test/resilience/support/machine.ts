import { cpus } from 'node:os';
import { cpuSecondsOfFamily } from '../../../bench/processes.ts';

/** Seconds of the processors so far. */
interface Reading {
  readonly all: number;
  /** That nobody used. */
  readonly idle: number;
  /** That these tests and the tested processes used. */
  readonly own: number;
}

/**
 * Measures from now on what share of the machine's processors is used by others than these tests and the tested processes, 0 to 1: where it is
 * large, they decide over times of some milliseconds, and not the system. What a hypervisor gives to other machines counts as theirs.
 *
 * @param pids the tested processes
 * @returns ends the measurement
 */
export function measureOthers(pids: readonly number[]): () => number {
  const begin = read(pids);
  return () => {
    const end = read(pids);
    return (end.all - begin.all - (end.idle - begin.idle) - (end.own - begin.own)) / (end.all - begin.all);
  };
}

function read(pids: readonly number[]): Reading {
  const processors = cpus();
  const { user, system } = process.cpuUsage();
  return {
    all: (performance.now() / 1000) * processors.length,
    idle: processors.reduce((sum, { times }) => sum + times.idle, 0) / 1000,
    own: pids.reduce((sum, pid) => sum + cpuSecondsOfFamily(pid), (user + system) / 1e6),
  };
}

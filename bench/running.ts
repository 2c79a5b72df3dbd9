import { controlClient } from '../dev/laptop/control.ts';
import { topologyFromEnvironment } from '../dev/laptop/topology.ts';
import { cpuSeconds } from './processes.ts';

/** The running system that is measured. */
export const topology = topologyFromEnvironment();

/** The process that the control API calls `name`. @throws Error if it does not run */
export async function pidOf(name: string): Promise<number> {
  const { processes } = await controlClient(topology.state.socket).status();
  const pid = processes.find((each) => each.name === name)?.pid;
  if (pid === undefined) throw new Error(`${name} is not running: \`npm run status\` shows what is.`);
  return pid;
}

/** The address of a pod's port, host:port. */
export function addressOf(pod: string, port: number): string {
  const found = topology.pods.find(({ name }) => name === pod);
  if (found === undefined) throw new RangeError(`there is no pod ${pod}`);
  return `${found.workload.address}:${port}`;
}

/** What the calls of one path took. */
export interface Cost<Part extends string> {
  /** Milliseconds of each call. */
  readonly times: number[];
  /** Seconds that all of them took together. */
  seconds: number;
  /** Seconds of CPU by part. */
  readonly cpu: Record<Part, number>;
}

/** How paths are measured that are compared. */
export interface Turns<Path extends string, Part extends string> {
  /** One call; anything but success rejects, since a figure with failures in it means something else. */
  readonly paths: Readonly<Record<Path, () => Promise<unknown>>>;
  /** Processes whose CPU is counted, by what they are part of. */
  readonly parts: Readonly<Record<Part, readonly number[]>>;
  /** Calls at once, each of which waits for its answer. */
  readonly callers: number;
  readonly rounds: number;
  readonly roundSeconds: number;
  readonly warmUpSeconds: number;
}

/** Measures paths in turn, round by round, so that what else the machine does meets all alike. */
export async function inTurns<Path extends string, Part extends string>(turns: Turns<Path, Part>): Promise<Record<Path, Cost<Part>>> {
  const { paths, parts, callers, rounds, roundSeconds, warmUpSeconds } = turns;
  const names = keys(paths);
  const costs = record(names, (): Cost<Part> => ({ times: [], seconds: 0, cpu: record(keys(parts), () => 0) }));
  const cpu = () => record(keys(parts), (part) => parts[part].map(cpuSeconds).reduce((sum, each) => sum + each, 0));
  for (const name of names) await calls(paths[name], callers, warmUpSeconds);
  for (let round = 0; round < rounds; round++) {
    // The one that goes first changes too: what a round leaves to the next is shared out.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const cost = costs[name];
      const [before, start] = [cpu(), performance.now()];
      for (const time of await calls(paths[name], callers, roundSeconds)) cost.times.push(time);
      const after = cpu();
      cost.seconds += (performance.now() - start) / 1000;
      for (const part of keys(parts)) cost.cpu[part] += after[part] - before[part];
    }
  }
  return costs;
}

/** Calls as fast as `callers` can that each wait for their answer; milliseconds of each. */
async function calls(call: () => Promise<unknown>, callers: number, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  const caller = async () => {
    while (performance.now() < end) {
      const start = performance.now();
      await call();
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times;
}

/** Microseconds of CPU for one call, by part. */
export function microsPerCall<Part extends string>({ cpu, times }: Cost<Part>): Record<Part, number> {
  return record(keys(cpu), (part) => (cpu[part] * 1e6) / times.length);
}

function keys<Key extends string>(of: Readonly<Record<Key, unknown>>): Key[] {
  // The keys that the type names are all that these records have.
  return Object.keys(of) as Key[];
}

function record<Key extends string, Value>(names: readonly Key[], value: (name: Key) => Value): Record<Key, Value> {
  // Each of the names has an entry.
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Key, Value>;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { engines } from '../dev/engines/engines.ts';
import { controlClient } from '../dev/laptop/control.ts';
import type { Topology } from '../dev/laptop/topology.ts';
import { identityOf } from '../dev/systems/identity.ts';
import { services } from '../dev/systems/services.ts';
import { databaseName, type Stores } from '../dev/systems/stores.ts';
import { cpuSecondsOfFamily, pssOfFamily } from './processes.ts';

/** Limit of the wait until all events of a run have been applied. */
const SETTLE_LIMIT_MS = 60_000;
/** Length of the windows in which CPU is compared with that of the idle system. */
const WINDOW_MS = 1000;
/** A window counts as idle up to this factor of the idle CPU, and this many seconds of CPU more. */
const IDLE_FACTOR = 1.3;
const IDLE_TOLERANCE_SECONDS = 0.03;

/** A running system on this machine, with its processes. */
export class MeasuredSystem {
  /** `http://host:port` of the edge. */
  readonly edge: string;
  readonly stores: Stores;
  /** What REST paths of Rent-a-car begin with: nothing in checkouts from before paths began with the system. */
  readonly restPrefix: string;
  readonly #pids: readonly (readonly [name: string, pid: number])[];
  #idleSeconds = Number.NaN;

  private constructor(edge: string, restPrefix: string, stores: Stores, pids: readonly (readonly [string, number])[]) {
    this.edge = edge;
    this.restPrefix = restPrefix;
    this.stores = stores;
    this.#pids = pids;
  }

  /** Attaches to a running system. @throws NotRunning */
  static async attach(topology: Topology): Promise<MeasuredSystem> {
    const { edge, processes } = await controlClient(topology.state.socket).status();
    const pids = processes.flatMap(({ name, pid }) => (pid === undefined ? [] : [[shortName(name), pid] as const]));
    const { status } = await fetch(`${edge}/rentcar/cars?pageSize=1`);
    return new MeasuredSystem(edge, status === 404 ? '' : '/rentcar', engines(topology).stores, pids);
  }

  /** Connection URI of the database of `<system>/<service>` in MongoDB. */
  mongoUri(service: string): string {
    return this.stores.mongoUri(database(service));
  }

  /** Connection URI of the database of `<system>/<service>` in PostgreSQL. */
  postgresUri(service: string): string {
    return this.stores.postgresUri(database(service));
  }

  /** Seconds of CPU that each process has used so far, with its children. @throws Error if one has ended: its figure would be lost */
  cpu(): Map<string, number> {
    return new Map(
      this.#pids.map(([name, pid]) => {
        const seconds = cpuSecondsOfFamily(pid);
        if (Number.isNaN(seconds)) throw new Error(`${name} (pid ${pid}) has ended during the measurement`);
        return [name, seconds];
      }),
    );
  }

  /** Seconds of CPU of all processes so far. */
  cpuSum(): number {
    return sum(this.cpu().values());
  }

  /** Bytes of memory (PSS) by process. */
  memory(): Map<string, number> {
    return new Map(this.#pids.map(([name, pid]) => [name, pssOfFamily(pid)]));
  }

  /** Measures the CPU use of the system without load, as a share of one core. `untilIdle` compares with the result. */
  async measureIdle(seconds: number): Promise<number> {
    const before = this.cpuSum();
    await sleep(seconds * 1000);
    this.#idleSeconds = (this.cpuSum() - before) / seconds;
    return this.#idleSeconds;
  }

  /** Waits until the system uses as much CPU as an idle one: the work that a run has caused is done. @throws Error after a minute */
  async untilIdle(): Promise<void> {
    const limit = Date.now() + SETTLE_LIMIT_MS;
    const idle = this.#idleSeconds * (WINDOW_MS / 1000) * IDLE_FACTOR + IDLE_TOLERANCE_SECONDS;
    for (let before = this.cpuSum(); ; ) {
      await sleep(WINDOW_MS);
      const after = this.cpuSum();
      if (after - before <= idle) return;
      if (Date.now() > limit) throw new Error(`the system still works ${SETTLE_LIMIT_MS / 1000} s after the run`);
      before = after;
    }
  }
}

/** Sums numbers. */
export function sum(values: Iterable<number>): number {
  return [...values].reduce((total, each) => total + each, 0);
}

/** The figures of `after` less those of `before`, by name. */
export function difference(after: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)]));
}

/** The name of a process without its system: checkouts from before the others have no system in the names. */
function shortName(name: string): string {
  return name.replace(/^.*\//, '');
}

function database(service: string): string {
  const found = services.find((each) => identityOf(each) === service);
  if (found === undefined) throw new RangeError(`there is no service ${service}`);
  return databaseName(found);
}

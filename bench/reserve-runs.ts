import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../dev/terminal/quantile.ts';
import { type HttpAnswer, HttpClient } from './http-client.ts';
import { type Lag, measureLag } from './lag.ts';
import { closedLoop, openLoop, type Tally } from './load.ts';
import { calibrate, measureOthers } from './machine.ts';
import { difference, type MeasuredSystem, sum } from './measured-system.ts';
import { countReservations, newUser, registerCar, reservationOf, reserve } from './rentcar-calls.ts';
import { Views } from './views.ts';

/** Lengths and sizes of the runs. */
export interface Plan {
  readonly warmUpSeconds: number;
  /** Connections of the closed loops. */
  readonly levels: readonly number[];
  readonly seconds: number;
  /** Connections of the warm-up, of keys and cancellations, and of the capacity that the open loop's rate is a share of. */
  readonly connections: number;
  readonly openLoopShare: number;
  readonly lagRate: number;
  readonly lagSeconds: number;
}

/** What a run does. */
export type Workload = 'reserve' | 'keys and cancellations' | 'open loop' | 'event lag';

/** Figures of one run. */
export interface Run {
  readonly workload: Workload;
  /** Connections of a closed loop; 0 for an open loop. */
  readonly connections: number;
  /** Reservations that succeeded within the run, per second. */
  readonly rate: number;
  /** Milliseconds of successful answers. */
  readonly p50: number;
  readonly p99: number;
  readonly failures: ReadonlyMap<string, number>;
  /** Reservations of the run that are REJECTED afterwards. */
  readonly rejected: number;
  /** Milliseconds of CPU for one reservation, by process of the system. */
  readonly cpu: ReadonlyMap<string, number>;
  /** Milliseconds of CPU of the load generator for one reservation. */
  readonly generator: number;
  /** Milliseconds of the calibration loop before the run. */
  readonly calibration: number;
  /** Share of all cores that other processes used during the run. */
  readonly others: number;
  readonly lag?: Lag;
}

/** Figures of one system from its warm-up to its last run. */
export interface Block {
  readonly runs: readonly Run[];
  /** CPU of the idle system, share of one core. */
  readonly idle: number;
  /** Bytes of memory after the last run, by process. */
  readonly memory: ReadonlyMap<string, number>;
}

/** One load on the system. */
interface Load {
  readonly workload: Workload;
  readonly connections: number;
  readonly userId: string;
  /** Answers of reservations; `lag` if it was measured. */
  run(): Promise<{ readonly tally: Tally; readonly lag?: Lag }>;
}

/** Rest between the last event of the warm-up and the measurement of the idle system. */
const SETTLE_SECONDS = 5;
const IDLE_SECONDS = 5;
/** Most sockets of the open loops. */
const OPEN_LOOP_SOCKETS = 256;

/** Runs all workloads of a plan on one system. */
export class ReserveRuns {
  readonly #system: MeasuredSystem;
  readonly #plan: Plan;
  readonly #client: HttpClient;
  readonly #views: Views;

  constructor(system: MeasuredSystem, plan: Plan) {
    this.#system = system;
    this.#plan = plan;
    this.#client = new HttpClient(system.edge, Math.max(OPEN_LOOP_SOCKETS, ...plan.levels), system.restPrefix);
    this.#views = new Views(system.mongoUri('rentcar/mypage'));
  }

  /** Runs everything once. @param descending whether the closed loops begin with the most connections */
  async block(descending: boolean, progress: (run: Run) => void): Promise<Block> {
    const { levels, connections, openLoopShare, lagRate, lagSeconds } = this.#plan;
    const runs: Run[] = [];
    const measure = async (load: Load) => {
      const run = await this.#measure(load);
      runs.push(run);
      progress(run);
      return run;
    };
    const carId = await registerCar(this.#client);
    const idle = await this.warmUp(carId);
    let capacity = Number.NaN;
    for (const level of descending ? levels.toReversed() : levels) {
      const { rate } = await measure(this.#closed(carId, level));
      if (level === connections) capacity = rate;
    }
    await measure(this.#keysAndCancellations(carId));
    await measure(this.#open(carId, openLoopShare * capacity));
    await measure(this.#lag(carId, lagRate, lagSeconds));
    return { runs, idle, memory: this.#system.memory() };
  }

  /** Loads the system until it is warm, and measures its CPU at rest. Returns that as a share of one core. */
  async warmUp(carId: string): Promise<number> {
    const { connections, warmUpSeconds } = this.#plan;
    await closedLoop(connections, warmUpSeconds, () => reserve(this.#client, carId, newUser()));
    const last = await reserve(this.#client, carId, newUser());
    if (last.status !== 200) throw new Error(`the reservation after the warm-up was answered ${last.status}: ${last.body}`);
    await this.#shown(reservationOf(last).reservationId);
    await sleep(SETTLE_SECONDS * 1000);
    return await this.#system.measureIdle(IDLE_SECONDS);
  }

  /** Measures one closed loop of plain reservations. */
  async closedLoop(carId: string, connections: number): Promise<Run> {
    return await this.#measure(this.#closed(carId, connections));
  }

  /** Measures the event lag once. */
  async eventLag(carId: string): Promise<Run> {
    return await this.#measure(this.#lag(carId, this.#plan.lagRate, this.#plan.lagSeconds));
  }

  /** Closes connections. */
  async close(): Promise<void> {
    this.#client.close();
    await this.#views.close();
  }

  /** Waits until the view of a reservation shows its allocation. */
  async #shown(reservationId: string): Promise<void> {
    for (const limit = Date.now() + 60_000; ; await sleep(100)) {
      if ((await this.#views.states([reservationId])).get(reservationId) === 'ALLOCATED') return;
      if (Date.now() > limit) throw new Error(`the allocation of reservation ${reservationId} is not in mypage after 60 s`);
    }
  }

  #closed(carId: string, connections: number): Load {
    const userId = newUser();
    const run = async () => ({ tally: await closedLoop(connections, this.#plan.seconds, () => reserve(this.#client, carId, userId)) });
    return { workload: 'reserve', connections, userId, run };
  }

  /** Every reservation has an idempotency key of its own; each caller cancels every third reservation that it makes. */
  #keysAndCancellations(carId: string): Load {
    const { connections, seconds } = this.#plan;
    const userId = newUser();
    const made = Array.from({ length: connections }, () => 0);
    const call = async (caller: number): Promise<HttpAnswer> => {
      const headers = { 'idempotency-key': randomUUID() };
      const answer = await this.#client.send(`${this.#client.rentcar}/reservations`, { body: { carId, userId }, headers });
      if (answer.status !== 200) return answer;
      made[caller] = (made[caller] ?? 0) + 1;
      if (made[caller] % 3 !== 0) return answer;
      const cancelled = await this.#client.send(`${this.#client.rentcar}/reservations/${reservationOf(answer).reservationId}:cancel`, {
        body: {},
      });
      // The latency is that of the reservation; a failed cancellation is the answer of the pair.
      return cancelled.status === 200 ? answer : cancelled;
    };
    const run = async () => ({ tally: await closedLoop(connections, seconds, call) });
    return { workload: 'keys and cancellations', connections, userId, run };
  }

  #open(carId: string, rate: number): Load {
    const userId = newUser();
    const run = async () => ({ tally: await openLoop(rate, this.#plan.seconds, () => reserve(this.#client, carId, userId)) });
    return { workload: 'open loop', connections: 0, userId, run };
  }

  #lag(carId: string, rate: number, seconds: number): Load {
    const userId = newUser();
    const run = async () => {
      const lag = await measureLag(this.#client, this.#views, { carId, userId, rate, seconds });
      return { tally: lag.tally, lag };
    };
    return { workload: 'event lag', connections: 0, userId, run };
  }

  async #measure({ workload, connections, userId, run }: Load): Promise<Run> {
    const calibration = calibrate();
    const before = this.#system.cpu();
    const others = measureOthers(() => this.#system.cpuSum() + ownSeconds());
    const own = process.cpuUsage();
    const { tally, lag } = await run();
    const { user, system } = process.cpuUsage(own);
    const share = others();
    await this.#system.untilIdle();
    const made = tally.latencies.length;
    const cpu = [...difference(this.#system.cpu(), before)].map(([name, seconds]) => [name, (seconds * 1000) / made] as const);
    return {
      workload,
      connections,
      rate: tally.inTime / tally.seconds,
      p50: quantile(tally.latencies, 0.5),
      p99: quantile(tally.latencies, 0.99),
      failures: tally.failures,
      rejected: await countReservations(this.#client, userId, 'REJECTED'),
      cpu: new Map(cpu),
      generator: (user + system) / 1000 / made,
      calibration,
      others: share,
      ...(lag && { lag }),
    };
  }
}

/** Milliseconds of CPU of all processes of the system for one reservation of a run. */
export function cpuOf({ cpu }: Run): number {
  return sum(cpu.values());
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

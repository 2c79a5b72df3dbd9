import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { resolveName } from '../systems/identity.ts';
import { ROTATION, rotateLogs } from './log-rotation.ts';
import type { ProcessSpec, ProcessStatus } from './process-spec.ts';
import type { ProcessRecord } from './record.ts';
import { NotReady, Supervised } from './supervised.ts';

/** Processes that start at once. More would make each of them late: a start is CPU work. */
const PARALLEL_STARTS = 2 * availableParallelism();

/** Works on items in their order, on PARALLEL_STARTS at once. Rejects with the first error. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL_STARTS }, worker));
}

/** Starts processes stage by stage, starts again what dies, and stops everything in reverse. */
export class Supervisor {
  readonly #stages: Supervised[][] = [];
  readonly #logs: string;
  readonly #record: ProcessRecord;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #endRotation: () => void;
  #stopping: Promise<void> | undefined;

  /**
   * @param logs folder of one log file for each process
   * @param record where the running processes are written down
   * @param environment given to every process
   * @param rotation when logs are rotated
   */
  constructor(logs: string, record: ProcessRecord, environment: Readonly<Record<string, string>>, rotation = ROTATION) {
    this.#logs = logs;
    this.#record = record;
    this.#environment = environment;
    mkdirSync(logs, { recursive: true });
    this.#endRotation = rotateLogs(() => this.#stages.flat().map(({ log }) => log), rotation);
  }

  /**
   * Starts the processes of a stage, at most PARALLEL_STARTS at once, and waits until all are ready.
   *
   * @throws NotReady for the first that is not
   */
  async startStage(specs: readonly ProcessSpec[]): Promise<void> {
    if (this.#stopping !== undefined) throw new NotReady('Everything was stopped while it was starting.', this.#logs);
    const stage = specs.map((spec) => new Supervised(spec, this.#newLog(spec.name), this.#record, this.#environment));
    this.#stages.push(stage);
    await inParallel(stage, async (each) => {
      if (this.#stopping !== undefined) throw new NotReady('Everything was stopped while it was starting.', this.#logs);
      await each.start();
    });
  }

  /**
   * Starts a process in the stage of another one, so that it is stopped together with it, and waits until it is ready.
   *
   * @param neighbour name of the other one, after which it is listed
   * @throws NotReady if it is not; it is tried on then, until it is removed. RangeError if there is no neighbour
   */
  async join(neighbour: string, spec: ProcessSpec): Promise<void> {
    if (this.#stopping !== undefined) throw new NotReady('Everything is being stopped.', this.#logs);
    const stage = this.#stages.find((each) => each.some((other) => other.spec.name === neighbour));
    if (stage === undefined) throw new RangeError(`There is no process "${neighbour}".`);
    const added = new Supervised(spec, this.#newLog(spec.name), this.#record, this.#environment);
    stage.splice(stage.findIndex((other) => other.spec.name === neighbour) + 1, 0, added);
    await added.start();
  }

  /** Returns whether there is a process of this name, running or not. */
  has(name: string): boolean {
    return this.#stages.some((stage) => stage.some(({ spec }) => spec.name === name));
  }

  /** Stops a process and forgets it. One that there is not is forgotten already. */
  async remove(name: string): Promise<void> {
    for (const stage of this.#stages) {
      const found = stage.find(({ spec }) => spec.name === name);
      await found?.retire();
      // Another call may have removed it meanwhile.
      if (found !== undefined && stage.includes(found)) stage.splice(stage.indexOf(found), 1);
    }
  }

  /** The log of this run; that of the run before is kept beside it. */
  #newLog(name: string): string {
    const log = join(this.#logs, `${name}.log`);
    mkdirSync(dirname(log), { recursive: true });
    if (existsSync(log)) renameSync(log, join(this.#logs, `${name}.previous.log`));
    return log;
  }

  status(): ProcessStatus[] {
    return this.#stages.flat().map((each) => each.status());
  }

  /** The processes that a name means: see resolveName. @throws RangeError */
  #find(name: string): Supervised[] {
    const all = this.#stages.flat();
    const names = resolveName(
      name,
      all.map(({ spec }) => spec.name),
    );
    return all.filter(({ spec }) => names.includes(spec.name));
  }

  /** Starts what was stopped, and waits until it is ready. */
  async start(name: string): Promise<void> {
    await inParallel(this.#find(name), async (each) => await each.start());
  }

  /** Stops it until it is started again. */
  async stop(name: string): Promise<void> {
    await Promise.all(this.#find(name).map((each) => each.stop()));
  }

  async restart(name: string): Promise<void> {
    await this.stop(name);
    await this.start(name);
  }

  /** Sends a signal. A process that dies of it is started again. */
  async kill(name: string, signal: NodeJS.Signals): Promise<void> {
    for (const each of this.#find(name)) each.kill(signal);
  }

  /** Stops everything, the last stage first. Further calls wait for the same end. */
  shutdown(): Promise<void> {
    this.#stopping ??= (async () => {
      for (const stage of this.#stages.toReversed()) await Promise.all(stage.map((each) => each.retire()));
      this.#endRotation();
    })();
    return this.#stopping;
  }
}

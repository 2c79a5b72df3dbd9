import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessRecord } from './record.ts';

/** A process to keep running. */
export interface ProcessSpec {
  readonly name: string;
  /** What it is, for a person: "Kafka 4.3.1". */
  readonly title: string;
  /** Where it listens, for a person. */
  readonly address: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Asks it to stop in an orderly way. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** How long it may take to stop before SIGKILL. */
  readonly stopSeconds: number;
  /** How long its first start may take, with everything that its readiness waits for. */
  readonly readySeconds: number;
  /** Whether it can be used now. Must not throw for a process that is not up yet: answer false. */
  readonly ready: () => Promise<boolean>;
  /** Runs before every start of the process. */
  readonly prepare?: () => Promise<void>;
  /** Runs once when it is ready for the first time. */
  readonly provision?: () => Promise<void>;
}

/** `backing off`: it died and is started again shortly. */
export type ProcessState = 'stopped' | 'starting' | 'ready' | 'backing off' | 'stopping';

/** What `npm run status` shows of a process. */
export interface ProcessStatus {
  readonly name: string;
  readonly title: string;
  readonly address: string;
  readonly state: ProcessState;
  readonly pid: number | undefined;
  /** How often it was started again after dying by itself. */
  readonly restarts: number;
  /** Seconds since it was started. */
  readonly uptime: number | undefined;
  /** How it ended the last time; undefined while its first run lasts. */
  readonly lastExit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  readonly log: string;
}

/** A process that did not become ready; the message names it and its log. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
  readonly log: string;

  constructor(message: string, log: string) {
    super(message);
    this.log = log;
  }
}

/** Waits between restarts, in milliseconds: short, so that a killed process is back at once; bounded, so that a broken one does not spin. */
export function backOff(failures: number): number {
  return Math.min(100 * 2 ** Math.max(0, failures - 1), 5_000);
}

/** A process that ran this long before it died starts with the shortest wait again. */
const stableSeconds = 10;

/** A process that dies this often before it was ever ready is given up. */
const hopelessDeaths = 5;

class Supervised {
  readonly spec: ProcessSpec;
  readonly log: string;
  readonly #record: ProcessRecord;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #startedAt = 0;
  #state: ProcessState = 'stopped';
  #wanted = false;
  #provisioned = false;
  #failures = 0;
  #restarts = 0;
  #lastExit: ProcessStatus['lastExit'];
  #timer: NodeJS.Timeout | undefined;

  constructor(spec: ProcessSpec, log: string, record: ProcessRecord, environment: Readonly<Record<string, string>>) {
    this.spec = spec;
    this.log = log;
    this.#record = record;
    this.#environment = environment;
  }

  status(): ProcessStatus {
    const { name, title, address } = this.spec;
    const running = this.#child !== undefined;
    const uptime = running ? Math.floor((Date.now() - this.#startedAt) / 1000) : undefined;
    return {
      name,
      title,
      address,
      state: this.#state,
      pid: this.#child?.pid,
      restarts: this.#restarts,
      uptime,
      lastExit: this.#lastExit,
      log: this.log,
    };
  }

  /** Starts it if it is not running, and waits until it is ready. */
  async start(): Promise<void> {
    if (!this.#wanted) {
      this.#wanted = true;
      this.#failures = 0;
      await this.#launch();
    }
    const deadline = Date.now() + this.spec.readySeconds * 1000;
    while (this.#state !== 'ready') {
      if (!this.#wanted) throw new NotReady(`${this.spec.name} was stopped while it was starting.`, this.log);
      if (this.#failures >= hopelessDeaths) throw this.#notReady(`died ${this.#failures} times while starting`);
      if (Date.now() > deadline) throw this.#notReady(`was not ready within ${this.spec.readySeconds} s`);
      await sleep(10);
    }
  }

  #notReady(what: string): NotReady {
    return new NotReady(`${this.spec.title} (${this.spec.name}) ${what}.`, this.log);
  }

  async #launch(): Promise<void> {
    this.#state = 'starting';
    await this.spec.prepare?.();
    if (!this.#wanted) return;
    const out = openSync(this.log, 'a');
    const { command, args, env, cwd, uid, gid } = this.spec;
    const child = spawn(command, args, {
      // A process group of its own: Ctrl-C on the terminal reaches the supervisor alone, which then stops things in order.
      detached: true,
      stdio: ['ignore', out, out],
      env: { ...process.env, ...env, ...this.#environment },
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    closeSync(out);
    this.#child = child;
    this.#startedAt = Date.now();
    child.once('exit', (code, signal) => {
      this.#lastExit = { code, signal };
      this.#ended(child);
    });
    child.once('error', () => this.#ended(child));
    if (child.pid !== undefined) this.#record.add({ name: this.spec.name, pid: child.pid, stopSignal: this.spec.stopSignal });
    void this.#watchReadiness(child);
  }

  async #watchReadiness(child: ChildProcess): Promise<void> {
    while (this.#child === child && this.#state === 'starting') {
      try {
        if (await this.spec.ready()) {
          if (!this.#provisioned) await this.spec.provision?.();
          this.#provisioned = true;
          if (this.#child === child && this.#state === 'starting') this.#state = 'ready';
          return;
        }
      } catch {
        // Not ready; what is wrong is in its log.
      }
      await sleep(20);
    }
  }

  #ended(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (child.pid !== undefined) this.#record.remove(child.pid);
    if (!this.#wanted) {
      this.#state = 'stopped';
      return;
    }
    this.#failures = Date.now() - this.#startedAt > stableSeconds * 1000 ? 1 : this.#failures + 1;
    this.#restarts += 1;
    this.#state = 'backing off';
    this.#timer = setTimeout(() => {
      if (this.#wanted) this.#launch().catch(() => this.stop());
    }, backOff(this.#failures));
  }

  /** Stops it: the orderly signal, a bounded wait, SIGKILL. */
  async stop(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) {
      this.#state = 'stopped';
      return;
    }
    this.#state = 'stopping';
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const force = setTimeout(() => child.kill('SIGKILL'), this.spec.stopSeconds * 1000);
    child.kill(this.spec.stopSignal);
    await exited;
    clearTimeout(force);
  }

  /** Sends a signal; what dies of it comes back. */
  kill(signal: NodeJS.Signals): boolean {
    return this.#child?.kill(signal) ?? false;
  }
}

/** Starts processes stage by stage, starts again what dies, and stops everything in reverse. */
export class Supervisor {
  readonly #stages: Supervised[][] = [];
  readonly #logs: string;
  readonly #record: ProcessRecord;
  readonly #environment: Readonly<Record<string, string>>;
  #stopping: Promise<void> | undefined;

  /**
   * @param logs folder of one log file for each process
   * @param record where the running processes are written down
   * @param environment given to every process
   */
  constructor(logs: string, record: ProcessRecord, environment: Readonly<Record<string, string>>) {
    this.#logs = logs;
    this.#record = record;
    this.#environment = environment;
    mkdirSync(logs, { recursive: true });
  }

  /**
   * Starts the processes of a stage side by side and waits until all are ready.
   *
   * @throws NotReady for the first that is not
   */
  async startStage(specs: readonly ProcessSpec[]): Promise<void> {
    if (this.#stopping !== undefined) throw new NotReady('Everything was stopped while it was starting.', this.#logs);
    const stage = specs.map((spec) => new Supervised(spec, this.#newLog(spec.name), this.#record, this.#environment));
    this.#stages.push(stage);
    await Promise.all(stage.map((each) => each.start()));
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

  /** Stops a process and forgets it. One that there is not is forgotten already. */
  async remove(name: string): Promise<void> {
    for (const stage of this.#stages) {
      const found = stage.find(({ spec }) => spec.name === name);
      await found?.stop();
      if (found !== undefined) stage.splice(stage.indexOf(found), 1);
    }
  }

  /** The log of this run; that of the run before is kept beside it. */
  #newLog(name: string): string {
    const log = join(this.#logs, `${name}.log`);
    if (existsSync(log)) renameSync(log, join(this.#logs, `${name}.previous.log`));
    return log;
  }

  status(): ProcessStatus[] {
    return this.#stages.flat().map((each) => each.status());
  }

  /**
   * The processes that a name means: one, or all replicas of a service (`car` is car-1, car-2, …).
   *
   * @throws RangeError naming what there is
   */
  #find(name: string): Supervised[] {
    const all = this.#stages.flat();
    const exact = all.filter(({ spec }) => spec.name === name);
    const found = exact.length > 0 ? exact : all.filter(({ spec }) => spec.name.replace(/-\d+$/, '') === name);
    if (found.length === 0)
      throw new RangeError(`There is no process "${name}"; there are: ${all.map(({ spec }) => spec.name).join(', ')}.`);
    return found;
  }

  /** Starts what was stopped, and waits until it is ready. */
  async start(name: string): Promise<void> {
    await Promise.all(this.#find(name).map((each) => each.start()));
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
      for (const stage of this.#stages.toReversed()) await Promise.all(stage.map((each) => each.stop()));
    })();
    return this.#stopping;
  }
}

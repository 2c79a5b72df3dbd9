import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
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

/** Waits between two looks at readiness, in milliseconds: each look is a connection, which a starting process has to serve. */
const READY_POLL = { first: 20, last: 100, factor: 1.5 } as const;

/** A process that dies this often before it was ever ready is given up. */
const hopelessDeaths = 5;

/** A process that is started, watched, started again when it dies, and stopped. */
export class Supervised {
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
    for (let pause: number = READY_POLL.first; this.#child === child && this.#state === 'starting'; ) {
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
      await sleep(pause);
      pause = Math.min(pause * READY_POLL.factor, READY_POLL.last);
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

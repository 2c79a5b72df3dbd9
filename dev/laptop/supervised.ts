import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessSpec, ProcessState, ProcessStatus } from './process-spec.ts';
import type { ProcessRecord } from './record.ts';

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

/**
 * A process that is started, watched, started again when it dies, and stopped.
 *
 * Starts and stops take turns: at most one of them is under way. A start that follows a stop waits until the old process
 * has ended. A stop that follows a start waits until its preparation has ended.
 */
export class Supervised {
  readonly spec: ProcessSpec;
  readonly log: string;
  readonly #record: ProcessRecord;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #startedAt = 0;
  #state: ProcessState = 'stopped';
  #wanted = false;
  #retired = false;
  #provisioned = false;
  #failures = 0;
  #restarts = 0;
  #lastExit: ProcessStatus['lastExit'];
  #timer: NodeJS.Timeout | undefined;
  /** The last start or stop: the next one waits for it. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Called when the running process has ended. */
  #onEnd: (() => void) | undefined;

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

  /** Starts it if it is not running, and waits until it is ready. @throws NotReady, also if it is stopped meanwhile or was retired */
  async start(): Promise<void> {
    if (this.#retired) throw this.#notReady('is being stopped for good');
    if (!this.#wanted) {
      this.#wanted = true;
      this.#failures = 0;
      await this.#takeTurn(() => this.#launch());
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

  #takeTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #launch(): Promise<void> {
    if (!this.#wanted || this.#child !== undefined) return;
    this.#state = 'starting';
    try {
      await this.spec.prepare?.();
      if (this.#wanted) this.#spawn();
    } catch (error) {
      this.#wanted = false;
      this.#state = 'stopped';
      throw error;
    }
  }

  #spawn(): void {
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
    // Only a process that could not be started has no pid. A live one reports a signal that could not be sent.
    child.on('error', () => {
      if (child.pid === undefined) this.#ended(child);
    });
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
    this.#onEnd?.();
    if (this.#state === 'stopping') {
      this.#state = 'stopped';
      return;
    }
    this.#failures = Date.now() - this.#startedAt > stableSeconds * 1000 ? 1 : this.#failures + 1;
    this.#restarts += 1;
    this.#state = 'backing off';
    // A failed preparation ends the restarts.
    this.#timer = setTimeout(() => void this.#takeTurn(() => this.#launch()).catch(() => undefined), backOff(this.#failures));
  }

  /** Stops it: the orderly signal, a bounded wait, SIGKILL. A later start runs it again. */
  async stop(): Promise<void> {
    this.#wanted = false;
    if (this.#state !== 'stopped') this.#state = 'stopping';
    await this.#takeTurn(() => this.#halt());
  }

  /** Stops it for good: later starts are refused. */
  async retire(): Promise<void> {
    this.#retired = true;
    await this.stop();
  }

  async #halt(): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child !== undefined) {
      this.#state = 'stopping';
      const ended = new Promise<void>((resolve) => {
        this.#onEnd = resolve;
      });
      const force = setTimeout(() => child.kill('SIGKILL'), this.spec.stopSeconds * 1000);
      child.kill(this.spec.stopSignal);
      await ended;
      clearTimeout(force);
      this.#onEnd = undefined;
    }
    this.#state = 'stopped';
  }

  /** Sends a signal. A process that dies of it is started again. */
  kill(signal: NodeJS.Signals): boolean {
    return this.#child?.kill(signal) ?? false;
  }
}

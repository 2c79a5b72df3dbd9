import { setTimeout as sleep } from 'node:timers/promises';
import type { Topology } from '../laptop/topology.ts';
import { shortName } from '../systems/identity.ts';
import type { Change } from './changes.ts';
import { type Demo, type DemoOptions, type DemoPhase, type DemoScript, type Finding, longestSeconds } from './demo.ts';
import { LiveEnvironment } from './environment.ts';
import { DemoRecord } from './record.ts';
import type { Replica } from './replica.ts';
import { Sampler } from './sampler.ts';
import { Users } from './users.ts';
import type { DemoView } from './view.ts';

/** The demonstration of a system that is to be run. */
export interface DemoRun {
  /** Name of the system: `rentcar`. */
  readonly system: string;
  readonly demo: Demo;
  readonly options: DemoOptions;
  readonly topology: Topology;
  readonly view: DemoView;
  /** Stops the demonstration. Everything is undone before `run` rejects. */
  readonly signal: AbortSignal;
}

/** Limit of everything besides the phases, such as starting replicas; seconds. */
const OTHER_SECONDS = 60;
const SECOND = 1000;
/** Time between two calls of `isReached`, in milliseconds. */
const POLL_MS = 100;

/** Runs demonstrations. */
export class DemoRunner {
  readonly #run: DemoRun;
  readonly #signal: AbortSignal;
  /** The changes that are in force, with what undoes each. */
  readonly #made = new Map<Change, () => Promise<void>>();

  private constructor(run: DemoRun) {
    this.#run = run;
    const limit = longestSeconds(run.demo, run.options) + OTHER_SECONDS;
    this.#signal = AbortSignal.any([run.signal, AbortSignal.timeout(limit * SECOND)]);
  }

  /**
   * Opens the environment of a demonstration.
   *
   * @returns the run itself: it leaves everything as it was, also if it fails or is stopped
   * @throws NotRunning; DemoRefused
   */
  static async open(run: DemoRun): Promise<() => Promise<readonly Finding[]>> {
    const changes = run.demo.phases(run.options).flatMap((phase) => phase.changes ?? []);
    const faulted = changes.flatMap((change) => (change.kind === 'faults' ? [change.service] : []));
    const environment = await LiveEnvironment.open(run.topology, run.system, [...new Set(faulted)]);
    return async () => {
      try {
        return await new DemoRunner(run).#play(environment);
      } finally {
        await environment.restore();
      }
    };
  }

  async #play(environment: LiveEnvironment): Promise<readonly Finding[]> {
    const { demo, system } = this.#run;
    for (const [service, replicas] of Object.entries(demo.replicas ?? {})) await environment.scale(service, replicas);
    this.#signal.throwIfAborted();
    const [fronts, callees] = [await environment.replicas(demo.front), await environment.replicas(demo.callee)];
    const before = await processIds(environment, fronts);
    const script = await demo.start(environment);
    const users = new Users(environment.edge, script.calls);
    const record = new DemoRecord(users.answers, callees);
    const sampler = new Sampler({ system, demo, topology: environment.topology, fronts, record, script, view: this.#run.view });
    this.#run.view.begin?.(record.callees);
    sampler.begin();
    try {
      for (const phase of demo.phases(this.#run.options)) await this.#phase(phase, environment, script, users, record);
    } finally {
      this.#run.view.phase?.(undefined);
      // Users get their last answers sooner. What fails here is tried again, and reported, by the environment.
      await this.#change([], environment).catch(() => undefined);
      await users.stop();
      await sampler.end();
    }
    return [
      ...(await script.check(record)),
      ...unexpectedFindings(record),
      await processFinding(fronts, before, await processIds(environment, fronts)),
    ];
  }

  async #phase(phase: DemoPhase, environment: LiveEnvironment, script: DemoScript, users: Users, record: DemoRecord): Promise<void> {
    this.#run.view.phase?.(phase);
    await this.#change(phase.changes ?? [], environment);
    users.change(phase.habit);
    const end = record.begin(phase.name);
    const over = this.#pass(phase, script, record);
    await Promise.all([over, script.beside?.(phase.name, over)]);
    end();
  }

  /** Undoes changes that are not wanted any more, and makes those that are new. A change of two phases in a row lasts. */
  async #change(wanted: readonly Change[], environment: LiveEnvironment): Promise<void> {
    for (const [change, undo] of this.#made) {
      if (wanted.includes(change)) continue;
      this.#made.delete(change);
      await undo();
    }
    for (const change of wanted) if (!this.#made.has(change)) this.#made.set(change, await environment.make(change));
  }

  /** Waits for the length of a phase: until a whole second of the demonstration, so that rows and phases begin together. */
  async #pass({ name, seconds, mostSeconds = seconds }: DemoPhase, script: DemoScript, record: DemoRecord): Promise<void> {
    const begin = Math.round((performance.now() - record.start) / SECOND);
    const until = (second: number) =>
      sleep(Math.max(0, record.start + (begin + second) * SECOND - performance.now()), undefined, { signal: this.#signal });
    await until(seconds);
    if (mostSeconds === seconds) return;
    const limit = record.start + (begin + mostSeconds) * SECOND;
    while (performance.now() < limit && script.isReached?.(name, record) !== true)
      await sleep(POLL_MS, undefined, { signal: this.#signal });
  }
}

/** Identifies the processes of replicas: a process that was started again has another pid. */
async function processIds({ control }: LiveEnvironment, replicas: readonly Replica[]): Promise<string> {
  const { processes } = await control.status();
  return JSON.stringify(processes.filter(({ name }) => replicas.some((replica) => replica.name === name)).map(({ pid }) => pid));
}

function processFinding(replicas: readonly Replica[], before: string, after: string): Finding {
  const names = replicas.map(({ name }) => shortName(name)).join(', ');
  const held = before === after;
  return { held, promise: 'the called service stays up', seen: held ? `${names} ran all the time` : `${names} was started again` };
}

function unexpectedFindings({ answers }: DemoRecord): Finding[] {
  const unexpected = answers.filter(({ outcome }) => outcome === 'unexpected');
  if (unexpected.length === 0) return [];
  return [{ held: false, promise: 'no other answers', seen: `${unexpected.length}, the first: ${unexpected[0]?.text}` }];
}

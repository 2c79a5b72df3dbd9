import { readFileSync } from 'node:fs';
import { status as code } from '@grpc/grpc-js';
import { notFound, RpcError, unavailable } from '#kit/rpc/errors.ts';
import type { Logger } from '#kit/runtime/log.ts';
import { type Demonstration, type Place, type Play, Play_Outcome } from '#proto/rentmesh/observer/v1/observer.ts';
import { PolicyError } from '../../envoy/index.ts';
import { findDemo, type ListedDemo, nameOf } from '../demos/catalogue.ts';
import { type Finding, leastSeconds } from '../demos/demo.ts';
import { PolicyMissing, PolicyReader } from '../demos/policy.ts';
import { DemoRefused } from '../demos/preconditions.ts';
import { DemoRunner } from '../demos/runner.ts';
import type { DemoView } from '../demos/view.ts';
import { type Control, controlClient, NotRunning } from '../laptop/control.ts';
import type { Topology } from '../laptop/topology.ts';
import { excerptAt } from './excerpt.ts';
import { playedSecond } from './played-second.ts';

/** The phase before the first one: missing replicas start. */
const PREPARING = 'preparing';

/** The web page's view of demonstrations: runs one at a time, and keeps its state for the states of the mesh. */
export class Demonstrations {
  readonly #topology: Topology;
  readonly #control: Control;
  readonly #listed: readonly ListedDemo[];
  readonly #log: Logger;
  #play: Play | undefined;
  #stop = new AbortController();
  /** Resolves when the demonstration has ended and its changes are undone. */
  #ended: Promise<void> = Promise.resolve();
  /** From the moment that a demonstration is asked for. */
  #isBusy = false;

  /** @param listed demonstrations of all systems */
  constructor(topology: Topology, listed: readonly ListedDemo[], log: Logger) {
    this.#topology = topology;
    this.#control = controlClient(topology.state.socket);
    this.#listed = listed;
    this.#log = log;
  }

  /** The demonstration that is played, or was played last; undefined before the first. */
  get play(): Play | undefined {
    return this.#play;
  }

  /** Lists the demonstrations of the systems that run. @throws RpcError FAILED_PRECONDITION if the policies lack what they depend on */
  async list(): Promise<Demonstration[]> {
    try {
      const running = await this.#running();
      const policies = new PolicyReader(this.#topology.mesh);
      return running.map((listed) => demonstrationOf(listed, nameOf(listed, running), policies));
    } catch (error) {
      throw refusal(error);
    }
  }

  /** Begins a demonstration. @param system empty if the name is enough @throws RpcError as the contract says */
  async begin(name: string, system: string): Promise<Play> {
    const listed = await this.#find(system === '' ? name : `${system}/${name}`);
    if (this.#isBusy) throw precondition('DEMONSTRATION_RUNNING', `the demonstration "${this.#play?.name ?? name}" is being played`);
    this.#isBusy = true;
    try {
      this.#stop = new AbortController();
      const { signal } = this.#stop;
      const options = listed.demo.defaults;
      const run = await DemoRunner.open({ ...listed, options, topology: this.#topology, view: this.#view(), signal });
      const play: Play = {
        name: listed.demo.name,
        system: listed.system,
        outcome: Play_Outcome.RUNNING,
        phase: PREPARING,
        phaseTitle: '',
        startTime: new Date(),
        seconds: [],
        message: '',
        findings: [],
      };
      this.#play = play;
      this.#ended = this.#finish(listed, run(), signal);
      return play;
    } catch (error) {
      this.#isBusy = false;
      throw refusal(error);
    }
  }

  /** Stops the demonstration. Resolves when its changes are undone. @returns the demonstration; undefined if none was played */
  async end(): Promise<Play | undefined> {
    if (!this.#isBusy) return undefined;
    this.#stop.abort();
    await this.#ended;
    return this.#play;
  }

  async #running(): Promise<ListedDemo[]> {
    const { systems } = await this.#control.status();
    return this.#listed.filter(({ system }) => systems.includes(system));
  }

  async #find(name: string): Promise<ListedDemo> {
    try {
      return findDemo(name, await this.#running());
    } catch (error) {
      throw error instanceof RangeError ? notFound('DEMONSTRATION_NOT_FOUND', error.message) : refusal(error);
    }
  }

  #update(change: Partial<Play>): void {
    if (this.#play !== undefined) this.#play = { ...this.#play, ...change };
  }

  #view(): DemoView {
    return {
      phase: (phase) => {
        if (phase !== undefined) this.#update({ phase: phase.name, phaseTitle: phase.title });
      },
      second: (second, _, isOver) => {
        if (isOver) this.#update({ seconds: [...(this.#play?.seconds ?? []), playedSecond(second)] });
      },
    };
  }

  /** Waits for the end of a run, and findings its outcome. Never rejects. */
  async #finish({ system, demo }: ListedDemo, run: Promise<readonly Finding[]>, signal: AbortSignal): Promise<void> {
    this.#log.info({ system, demonstration: demo.name }, 'a demonstration begins');
    try {
      const findings = await run;
      this.#update({ outcome: Play_Outcome.ENDED, findings: [...findings] });
    } catch (error) {
      // The end of the system ends everything that was changed as well.
      const isStopped = error instanceof NotRunning || (signal.aborted && error instanceof Error && error.name === 'AbortError');
      if (!isStopped) this.#log.warn({ err: error }, 'the demonstration failed');
      this.#update(isStopped ? { outcome: Play_Outcome.CUT_SHORT } : { outcome: Play_Outcome.FAILED, message: sentenceOf(error) });
    }
    this.#update({ phase: '', phaseTitle: '' });
    this.#isBusy = false;
  }
}

function demonstrationOf({ system, demo }: ListedDemo, name: string, policies: PolicyReader): Demonstration {
  return {
    name: demo.name,
    system,
    title: demo.title,
    description: demo.about(policies, demo.defaults),
    users: demo.defaults.users,
    seconds: leastSeconds(demo, demo.defaults),
    clauses: demo.clauses(policies).map(([{ text, place }, meaning]) => ({ text, meaning, place: placeOf(place) })),
    command: `npm run demo -- ${name}`,
    extra: demo.column?.title ?? '',
  };
}

/** Reads the line that `mesh/rentcar/car.yaml:52` names. */
function placeOf(text: string): Place {
  const [, file = '', number = '0'] = /^(.*):(\d+)$/.exec(text) ?? [];
  const { text: excerpt, firstLine } = excerptAt(readFileSync(file, 'utf8'), Number(number));
  return { file, line: Number(number), excerpt, firstLine };
}

function precondition(reason: string, message: string): RpcError {
  return new RpcError(code.FAILED_PRECONDITION, reason, message);
}

/** Translates an error before a demonstration begins. */
function refusal(error: unknown): unknown {
  if (error instanceof DemoRefused || error instanceof PolicyMissing) return precondition('DEMONSTRATION_REFUSED', error.message);
  if (error instanceof PolicyError) return precondition('POLICY_DEFECT', `the policy files have an error: ${error.message}`);
  if (error instanceof NotRunning) return unavailable('SUPERVISOR_UNAVAILABLE', error.message, { cause: error });
  return error;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

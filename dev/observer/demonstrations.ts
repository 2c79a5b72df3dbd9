import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { status as code } from '@grpc/grpc-js';
import { notFound, RpcError, unavailable } from '#kit/rpc/errors.ts';
import type { Logger } from '#kit/runtime/log.ts';
import { type Demonstration, type Mesh, type Place, type Play, Play_Outcome } from '#proto/rentmesh/observer/v1/observer.ts';
import { PolicyError } from '../../envoy/index.ts';
import { Edge, Load } from '../demos/load.ts';
import { PolicyMissing, readCarPolicy } from '../demos/policy.ts';
import { enact, length, SCENARIOS, type Scenario } from '../demos/scenarios.ts';
import { Scene, SceneRefused } from '../demos/scene.ts';
import { NotRunning } from '../laptop/control.ts';
import type { Topology } from '../laptop/topology.ts';
import { excerptAt } from './excerpt.ts';
import { playedSecond } from './outcomes.ts';

/** A demonstration that goes on for longer than this is ended, whatever is the matter; milliseconds. */
const LONGEST_MS = 30_000;

/** More than all users can reserve in many demonstrations: they take from the same car. */
const STOCK = 1_000_000;

/** What is played before the first phase: another replica starts, if one is needed. */
const PREPARING = 'preparing';

/** What a demonstration is played with. */
export interface Stagehands {
  readonly topology: Topology;
  /** The states of the mesh while it is played. */
  readonly states: (signal: AbortSignal) => AsyncIterable<Mesh>;
  readonly log: Logger;
}

/** Plays demonstrations, one at a time, and leaves everything as it was. */
export class Demonstrations {
  readonly #with: Stagehands;
  #play: Play | undefined;
  #stop = new AbortController();
  /** Resolves when what is played has ended and everything is as it was. */
  #ended: Promise<void> = Promise.resolve();
  /** From the moment that one is asked for. */
  #isBusy = false;

  constructor(stagehands: Stagehands) {
    this.#with = stagehands;
  }

  /** What is played, or was played last; undefined before the first. */
  get play(): Play | undefined {
    return this.#play;
  }

  /** What can be played. @throws RpcError FAILED_PRECONDITION if the policies do not say what they depend on */
  list(): Demonstration[] {
    const policy = refusing(() => readCarPolicy(this.#with.topology.mesh));
    return SCENARIOS.map((scenario) => ({
      name: scenario.name,
      title: scenario.title,
      description: scenario.about(policy, scenario.defaults),
      users: scenario.defaults.users,
      seconds: length(scenario, scenario.defaults),
      clauses: scenario.clauses(policy).map(([{ text, place }, meaning]) => ({ text, meaning, place: placeOf(place) })),
      command: `npm run demo:${scenario.name}`,
    }));
  }

  /** Begins one. @throws RpcError as the contract says */
  async begin(name: string): Promise<Play> {
    const scenario = SCENARIOS.find((each) => each.name === name);
    if (scenario === undefined) {
      const names = SCENARIOS.map((each) => each.name).join(', ');
      throw notFound('DEMONSTRATION_NOT_FOUND', `there is no demonstration "${name}"; there are: ${names}`);
    }
    if (this.#isBusy) throw precondition('DEMONSTRATION_RUNNING', `the demonstration "${this.#play?.name ?? name}" is being played`);
    this.#isBusy = true;
    try {
      const scene = await Scene.open();
      this.#stop = new AbortController();
      this.#play = { name, outcome: Play_Outcome.RUNNING, phase: PREPARING, startTime: new Date(), seconds: [], message: '' };
      this.#ended = this.#perform(scene, scenario).finally(() => {
        this.#isBusy = false;
      });
      return this.#play;
    } catch (error) {
      this.#isBusy = false;
      throw refusal(error);
    }
  }

  /** Ends what is played. Resolves when everything is as it was. @returns what was played; undefined if nothing was */
  async end(): Promise<Play | undefined> {
    if (!this.#isBusy) return undefined;
    this.#stop.abort();
    await this.#ended;
    return this.#play;
  }

  #tell(change: Partial<Play>): void {
    if (this.#play !== undefined) this.#play = { ...this.#play, ...change };
  }

  /** Never rejects. */
  async #perform(scene: Scene, scenario: Scenario): Promise<void> {
    const { log } = this.#with;
    const stop = this.#stop;
    const { signal } = stop;
    let outcome: Play_Outcome = Play_Outcome.CUT_SHORT;
    let message = '';
    log.info({ demonstration: scenario.name }, 'playing');
    try {
      await this.#performOn(scene, scenario, signal);
      outcome = Play_Outcome.ENDED;
    } catch (error) {
      if (!signal.aborted) {
        outcome = Play_Outcome.FAILED;
        message = sentenceOf(error);
        log.warn({ err: error }, 'the demonstration failed');
      }
    }
    try {
      await scene.restore();
    } catch (error) {
      // With the system that ended everything that was changed has gone.
      if (!(error instanceof NotRunning)) {
        outcome = Play_Outcome.FAILED;
        message = sentenceOf(error);
        log.error({ err: error }, 'not everything could be restored');
      }
    }
    // Ends the watching as well.
    stop.abort();
    this.#tell({ outcome, message, phase: '' });
  }

  async #performOn(scene: Scene, scenario: Scenario, signal: AbortSignal): Promise<void> {
    const policy = readCarPolicy(this.#with.topology.mesh);
    const edge = new Edge(scene.edge);
    try {
      await scene.scaleCar(scenario.replicas);
      signal.throwIfAborted();
      const car = { carName: 'Car for demonstrations', qty: STOCK };
      const { carId } = await edge.ask<{ carId: string }>('/rentcar/cars', car, { 'idempotency-key': 'demonstrations' });
      // What is refused early takes much less than the timeout.
      const load = new Load(edge, { carId, userId: `demo-${scenario.name}`, timeout: policy.timeout.value * 0.9 });
      const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
      const tooLong = `it took longer than ${LONGEST_MS / 1000} s`;
      let openings = 0;
      const watching = this.#watch(load, limit, () => openings++);
      try {
        await enact(scenario, {
          options: scenario.defaults,
          cars: await scene.replicas('car'),
          scene,
          users: (habit) => load.change(habit),
          phase: async (phase, seconds) => {
            this.#tell({ phase });
            await sleep(seconds * 1000, undefined, { signal: limit }).catch((error: unknown) => {
              throw signal.aborted ? error : new Error(tooLong, { cause: error });
            });
          },
          openings: () => openings,
        });
      } finally {
        // Users get an answer at once when car is well.
        await scene.heal().catch(() => undefined);
        await load.stop();
        this.#stop.abort();
        await watching;
      }
    } finally {
      edge.close();
    }
  }

  /** Notes from state to state what users were answered. Never rejects. @param opened called for each state in which a circuit is open */
  async #watch(load: Load, signal: AbortSignal, opened: () => void): Promise<void> {
    try {
      await this.#note(load, signal, opened);
    } catch (error) {
      this.#with.log.warn({ err: error }, 'the demonstration goes on unseen');
    }
  }

  async #note(load: Load, signal: AbortSignal, opened: () => void): Promise<void> {
    let from = performance.now();
    for await (const mesh of this.#with.states(signal)) {
      const to = performance.now();
      const answers = load.answers.filter(({ start, took }) => start + took >= from && start + took < to);
      const { phase = '', seconds = [] } = this.#play ?? {};
      const second = playedSecond(phase, answers, mesh);
      if (second.openCircuits.length > 0) opened();
      this.#tell({ seconds: [...seconds, second] });
      from = to;
    }
  }
}

/** The line that `mesh/rentcar/car.yaml:52` names. */
function placeOf(text: string): Place {
  const [, file = '', number = '0'] = /^(.*):(\d+)$/.exec(text) ?? [];
  const { text: excerpt, firstLine } = excerptAt(readFileSync(file, 'utf8'), Number(number));
  return { file, line: Number(number), excerpt, firstLine };
}

function precondition(reason: string, message: string): RpcError {
  return new RpcError(code.FAILED_PRECONDITION, reason, message);
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refusal(error);
  }
}

/** What a caller is told of an error before a demonstration begins. */
function refusal(error: unknown): unknown {
  if (error instanceof SceneRefused || error instanceof PolicyMissing) return precondition('DEMONSTRATION_REFUSED', error.message);
  if (error instanceof PolicyError) return precondition('POLICY_DEFECT', `the policy files have an error: ${error.message}`);
  if (error instanceof NotRunning) return unavailable('SUPERVISOR_UNAVAILABLE', error.message, { cause: error });
  return error;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

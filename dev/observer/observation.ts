import { setTimeout as sleep } from 'node:timers/promises';
import type { Mesh, Play } from '#proto/rentmesh/observer/v1/observer.ts';
import type { Control } from '../laptop/control.ts';
import type { Topology } from '../laptop/topology.ts';
import { rowsBetween } from '../mesh/rates.ts';
import { sidecarsOf } from '../mesh/sidecars.ts';
import { type Sample, sample } from '../mesh/stats.ts';
import { services } from '../systems/services.ts';
import { meshOf, workloadOf } from './mesh.ts';
import type { Policies } from './policies.ts';

/** The first state tells of this many milliseconds: nobody wants to wait for a whole second. */
const FIRST_MS = 250;
/** An older sample is from a time that nobody watched. */
const STALE_MS = 10_000;

/** Measures the mesh: each state tells what has happened since the one before. */
export class Observation {
  readonly #topology: Topology;
  readonly #control: Pick<Control, 'status'>;
  readonly #policies: Policies;
  readonly #play: () => Play | undefined;
  #before: Sample | undefined;

  constructor(topology: Topology, control: Pick<Control, 'status'>, policies: Policies, play: () => Play | undefined) {
    this.#topology = topology;
    this.#control = control;
    this.#policies = policies;
    this.#play = play;
  }

  /** @throws NotRunning */
  async measure(): Promise<Mesh> {
    const status = await this.#control.status();
    const sidecars = sidecarsOf(this.#topology, status);
    if (this.#before === undefined || performance.now() - this.#before.at > STALE_MS) {
      this.#before = await sample(sidecars);
      await sleep(FIRST_MS);
    }
    const [before, now] = [this.#before, await sample(sidecars)];
    this.#before = now;
    const outbound = rowsBetween(before, now, workloadOf).filter(({ direction }) => direction === 'outbound');
    const inbound = rowsBetween(before, now).filter(({ direction }) => direction === 'inbound');
    return meshOf({
      status,
      rows: [...outbound, ...inbound],
      silent: now.silent,
      seconds: (now.at - before.at) / 1000,
      services,
      callPaths: this.#policies.callPaths(status),
      play: this.#play(),
      time: new Date(),
    });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { adminSocketOf, type Topology } from '../laptop/topology.ts';
import { identityOf } from '../systems/identity.ts';
import type { Demo, DemoScript } from './demo.ts';
import type { DemoRecord } from './record.ts';
import type { Replica } from './replica.ts';
import { readTraffic } from './traffic.ts';
import type { DemoView } from './view.ts';

/** Time between two samples of the sidecars, in milliseconds. */
const TICK_MS = 200;
const SECOND = 1000;

/** Parts of a run that the sampler reads. */
interface Sampled {
  readonly system: string;
  readonly demo: Demo;
  readonly topology: Topology;
  /** Replicas of the front. */
  readonly fronts: readonly Replica[];
  readonly record: DemoRecord;
  readonly script: DemoScript;
  readonly view: DemoView;
}

/** Reads the sidecars' counters into the record, and shows each second to the view. */
export class Sampler {
  readonly #sampled: Sampled;
  readonly #end = new AbortController();
  #sampling: Promise<void> = Promise.resolve();
  /** Seconds that were shown to their end. */
  #over = 0;

  constructor(sampled: Sampled) {
    this.#sampled = sampled;
  }

  begin(): void {
    this.#sampling = this.#sample();
  }

  async end(): Promise<void> {
    this.#end.abort();
    await this.#sampling;
  }

  async #sample(): Promise<void> {
    const { system, demo, topology, fronts, record, view } = this.#sampled;
    const hostOf = (service: string) => `${service}.${system}.svc.cluster.local`;
    const { edge } = topology;
    const sidecarOf = (name: string, host: string) => ({ name, host, admin: adminSocketOf(topology, { address: host }) });
    const sidecars = fronts.map(({ name, address }) => sidecarOf(name, address));
    const door = [sidecarOf(edge.name, edge.address)];
    while (!this.#end.signal.aborted) {
      const traffic = await Promise.all([
        readTraffic(sidecars, identityOf({ system, name: demo.front }), hostOf(demo.callee)),
        readTraffic(door, edge.name, hostOf(demo.front)),
      ]);
      const now = performance.now();
      if (traffic[0] !== undefined && traffic[1] !== undefined) record.samples.push({ at: now, traffic: traffic[0], door: traffic[1] });
      for (; now >= record.start + (this.#over + 1) * SECOND; this.#over++)
        view.second?.(this.#second(this.#endOf(this.#over)), this.#over, true);
      view.second?.(this.#second(now), this.#over, false);
      const next = record.start + Math.ceil((performance.now() - record.start + 1) / TICK_MS) * TICK_MS;
      await sleep(next - performance.now(), undefined, { signal: this.#end.signal }).catch(() => undefined);
    }
  }

  #endOf(index: number): number {
    return this.#sampled.record.start + (index + 1) * SECOND;
  }

  /** Sums up the running second up to a moment. */
  #second(to: number) {
    const { record, script } = this.#sampled;
    const from = record.start + this.#over * SECOND;
    return record.between(from, to, TICK_MS / 2, script.cell?.(from, to) ?? '');
  }
}

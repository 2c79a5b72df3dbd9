import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Control, controlClient, NotRunning } from '../laptop/control.ts';
import { setFaults } from '../laptop/faults.ts';
import type { Topology } from '../laptop/topology.ts';
import { identityOf, serviceOfReplica } from '../systems/identity.ts';
import type { Change } from './changes.ts';
import type { DemoEnvironment } from './demo.ts';
import { EdgeClient } from './edge-client.ts';
import { bringIntoForce } from './in-force.ts';
import { Journal, type Orphan, type Undo } from './journal.ts';
import { NotRestored } from './not-restored.ts';
import { PolicyReader } from './policy.ts';
import { replaceFile, restorePolicy } from './policy-files.ts';
import { DemoRefused, requireNoFaults, requireReady } from './preconditions.ts';
import type { Replica } from './replica.ts';

/** Limit of the wait for a process that was just started again, in milliseconds. */
const LIMIT_MS = 10_000;
const POLL_MS = 50;

/**
 * A running system and the changes that a demonstration makes in it. Each change is written to the journal first, so that
 * the next demonstration undoes what a killed one has left. Only one demonstration has an environment at a time.
 */
export class LiveEnvironment implements DemoEnvironment {
  readonly topology: Topology;
  readonly #system: string;
  readonly control: Control;
  readonly edge: EdgeClient;
  readonly #journal: Journal;
  /** The changes that are in force, in the order in which they were made. */
  #undos: Undo[];
  #restored: Promise<void> | undefined;

  private constructor(topology: Topology, system: string, edge: string, undos: readonly Undo[] = []) {
    this.topology = topology;
    this.#system = system;
    this.control = controlClient(topology.state.socket);
    this.#journal = new Journal(topology.state.root);
    this.edge = new EdgeClient(edge);
    this.#undos = [...undos];
  }

  /**
   * Begins a demonstration.
   *
   * @param system the system of the demonstration; services are named within it
   * @param faulted services that get faults: they must have none, so that ending faults leaves them as they were
   * @throws NotRunning; DemoRefused if the system is not ready, or changed already
   */
  static async open(topology: Topology, system: string, faulted: readonly string[]): Promise<LiveEnvironment> {
    await recover(topology);
    const { pid, edge, ...status } = await controlClient(topology.state.socket).status();
    requireReady(status, system);
    const environment = new LiveEnvironment(topology, system, edge);
    if (!environment.#journal.begin(pid)) throw new DemoRefused('Another demonstration is being played: it ends within half a minute.');
    try {
      for (const service of faulted) await requireNoFaults(await environment.replicas(service));
    } catch (error) {
      await environment.restore();
      throw error;
    }
    return environment;
  }

  /** Resumes the environment of a demonstration that died, to restore it. */
  static resume(topology: Topology, { undos }: Orphan): LiveEnvironment {
    return new LiveEnvironment(topology, '', '', undos.toReversed());
  }

  /** Returns the replicas of a service that run now. */
  async replicas(service: string): Promise<Replica[]> {
    const { processes } = await this.control.status();
    const identity = this.#identityOf(service);
    return processes
      .filter(({ name }) => serviceOfReplica(name) === identity)
      .map(({ name, address }) => ({ name, address: address.split(':')[0] ?? '' }));
  }

  /** Reads the policies as saved. @throws PolicyError if they have defects */
  policies(): PolicyReader {
    return new PolicyReader(this.topology.mesh);
  }

  /** Brings a service to at least this many replicas until `restore`. @returns whether replicas were missing */
  async scale(service: string, replicas: number): Promise<boolean> {
    const before = (await this.replicas(service)).length;
    if (before >= replicas) return false;
    const name = this.#identityOf(service);
    this.#note({ kind: 'replicas', service: name, replicas: before });
    await this.control.scale(name, replicas);
    return true;
  }

  /** Makes a change. @returns what undoes it */
  async make(change: Change): Promise<() => Promise<void>> {
    switch (change.kind) {
      case 'faults': {
        const name = this.#identityOf(change.service);
        const undo = this.#note({ kind: 'faults', service: name });
        const last = (await this.replicas(change.service)).at(-1)?.name ?? name;
        await setFaults(this.control, change.replicas === 'all' ? name : last, change.faults);
        return undo;
      }
      case 'stopped': {
        const name = this.#identityOf(change.service);
        const undo = this.#note({ kind: 'stopped', service: name });
        await this.control.stop(name);
        return undo;
      }
      case 'policy': {
        const file = join(this.topology.mesh, change.file);
        const before = readFileSync(file, 'utf8');
        const after = change.edit(before);
        const undo = this.#note({ kind: 'policy', file, before, after });
        await bringIntoForce(this.control, () => replaceFile(file, after));
        return undo;
      }
    }
  }

  /** Undoes every change. Further calls wait for the same end. @throws NotRunning; NotRestored */
  restore(): Promise<void> {
    this.#restored ??= this.#restore();
    return this.#restored;
  }

  #identityOf(service: string): string {
    return identityOf({ system: this.#system, name: service });
  }

  #note(undo: Undo): () => Promise<void> {
    this.#journal.add(undo);
    this.#undos.push(undo);
    return async () => {
      if (!this.#undos.includes(undo)) return;
      await this.#undo(undo);
      this.#undos = this.#undos.filter((each) => each !== undo);
      this.#journal.remove(undo);
    };
  }

  async #undo(undo: Undo): Promise<void> {
    switch (undo.kind) {
      case 'faults':
        await setFaults(this.control, undo.service, {});
        return;
      case 'stopped':
        return await this.control.start(undo.service);
      case 'replicas':
        return await this.control.scale(undo.service, undo.replicas);
      case 'policy':
        return await bringIntoForce(this.control, () => restorePolicy(undo));
    }
  }

  async #restore(): Promise<void> {
    const failures: unknown[] = [];
    for (const undo of this.#undos.toReversed()) await this.#undoPatiently(undo).catch((error: unknown) => failures.push(error));
    this.#undos = [];
    this.edge.close();
    // The sentence of the failure says what to do by hand: nothing is tried again.
    this.#journal.end();
    if (failures.length > 0) throw failures[0];
  }

  /** Waits for replicas that died: they accept no faults until the supervisor has started them again. While the system stops, only files are restored. */
  async #undoPatiently(undo: Undo): Promise<void> {
    for (const limit = Date.now() + LIMIT_MS; ; await sleep(POLL_MS)) {
      try {
        if (undo.kind !== 'policy' && !(await this.control.status()).ready) return;
        return await this.#undo(undo);
      } catch (error) {
        if (error instanceof NotRunning) return;
        if (Date.now() > limit || undo.kind === 'policy') throw new NotRestored(undo, error);
      }
    }
  }
}

/** Undoes what a demonstration that was killed has left. @returns whether there was anything @throws NotRestored */
export async function recover(topology: Topology): Promise<boolean> {
  const { orphan } = new Journal(topology.state.root);
  if (orphan === undefined) return false;
  // A later system has only the files.
  const undos = orphan.isRunning ? orphan.undos : orphan.undos.filter(({ kind }) => kind === 'policy');
  await LiveEnvironment.resume(topology, { ...orphan, undos }).restore();
  return undos.length > 0;
}

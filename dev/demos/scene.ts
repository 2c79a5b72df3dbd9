import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { FaultServiceClient, Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import { type Control, controlClient, NotRunning } from '../laptop/control.ts';
import { setFaults } from '../laptop/faults.ts';
import { podPorts, type Topology, topologyFromEnvironment } from '../laptop/topology.ts';
import { Journal } from './journal.ts';

/** A demonstration cannot begin; the message is one sentence for the person who asked for it. */
export class SceneRefused extends Error {
  override readonly name = 'SceneRefused';
}

/** What a demonstration has changed could not be taken back; the message says how to. */
export class NotRestored extends Error {
  override readonly name = 'NotRestored';
}

/** A replica of a service: its name and pod address. */
export interface Replica {
  readonly name: string;
  readonly address: string;
}

/** How long a process that has just been started again may take, in milliseconds. */
const PATIENCE = 5_000;

/**
 * A running system with what a demonstration changes in it, all of which `restore` takes back: faults of car, and its replicas. It begins only
 * where car has no faults, so that to end them is to leave things as they were, and where no other one is being played. What one that was killed
 * has left is restored by the next, or by `recover`.
 */
export class Scene {
  readonly topology: Topology;
  readonly control: Control;
  readonly edge: string;
  readonly #journal: Journal;
  /** Replicas of car that there were before. */
  readonly #replicasBefore: number;
  #faulted = false;
  #scaled = false;
  #restored: Promise<void> | undefined;

  private constructor(topology: Topology, control: Control, journal: Journal, edge: string, replicas: number) {
    this.topology = topology;
    this.#journal = journal;
    this.control = control;
    this.edge = edge;
    this.#replicasBefore = replicas;
  }

  /** @throws NotRunning, or SceneRefused if the system is not ready, or is not well */
  static async open(): Promise<Scene> {
    const topology = topologyFromEnvironment();
    const control = controlClient(topology.state.socket);
    const { ready, edge, processes, policy, pid } = await control.status();
    if (!ready) throw new SceneRefused('Rentmesh is still starting, or stopping: try again when `npm run status` shows it ready.');
    const unwell = processes.find(({ state }) => state !== 'ready');
    if (unwell !== undefined)
      throw new SceneRefused(`${unwell.name} is ${unwell.state}: \`npm run service -- start ${unwell.name}\` starts it.`);
    if (policy?.ok === false) throw new SceneRefused(`The policy files have an error, and those before it are in force: ${policy.error}`);
    await Scene.recover();
    const journal = new Journal(topology.state.root);
    const cars = await replicasOf(control, 'car');
    if (!journal.begin({ supervisor: pid, replicas: cars.length }))
      throw new SceneRefused('Another demonstration is being played: it ends within half a minute.');
    const scene = new Scene(topology, control, journal, edge, cars.length);
    try {
      for (const { name, address } of cars) {
        if (await hasFaults(name, address))
          throw new SceneRefused(`${name} has faults set already: \`npm run service -- fault ${name} off\` ends them.`);
      }
    } catch (error) {
      journal.end();
      throw error;
    }
    return scene;
  }

  /** Restores what a demonstration that was killed has left. @returns whether there was anything @throws NotRunning; NotRestored */
  static async recover(): Promise<boolean> {
    const topology = topologyFromEnvironment();
    const journal = new Journal(topology.state.root);
    if (journal.isHeld) return false;
    const { orphan } = journal;
    // What is left of an earlier system is of no use, and its name has to be free.
    if (orphan === undefined) {
      journal.end();
      return false;
    }
    const control = controlClient(topology.state.socket);
    const scene = new Scene(topology, control, journal, '', orphan.replicas);
    scene.#faulted = true;
    scene.#scaled = (await scene.replicas('car')).length > orphan.replicas;
    await scene.restore();
    return true;
  }

  /** The replicas of a service that there are now. */
  replicas(service: string): Promise<Replica[]> {
    return replicasOf(this.control, service);
  }

  /** Brings car to at least this many replicas. Returns whether it had to. */
  async scaleCar(replicas: number): Promise<boolean> {
    if (this.#replicasBefore >= replicas) return false;
    this.#scaled = true;
    await this.control.scale('car', replicas);
    return true;
  }

  /** Makes a replica of car (or all: `car`) slow or wrong when it is asked to take stock. */
  async fault(name: string, faults: Partial<Faults>): Promise<void> {
    this.#faulted = true;
    await setFaults(this.control, name, { methods: ['rentcar.car.v1.CarService/CheckUpdateStock'], ...faults });
  }

  /** Ends all faults of car. */
  async heal(): Promise<void> {
    if (!this.#faulted) return;
    await setFaults(this.control, 'car', {});
    this.#faulted = false;
  }

  /** Leaves everything as it was. Further calls wait for the same end. @throws NotRunning; NotRestored */
  restore(): Promise<void> {
    this.#restored ??= this.#restore().catch((error: unknown) => {
      if (error instanceof NotRunning) throw error;
      const how = `\`npm run service -- fault car off\` and \`npm run service -- scale car ${this.#replicasBefore}\` do it`;
      throw new NotRestored(`Car could not be left as it was (${error instanceof Error ? error.message : error}): ${how}.`, {
        cause: error,
      });
    });
    return this.#restored;
  }

  async #restore(): Promise<void> {
    // Faults and replicas are gone with the system that is being stopped.
    if (!(await this.control.status()).ready) return this.#journal.end();
    // A replica that died meanwhile comes back without faults, but only then can all be told.
    for (const limit = Date.now() + PATIENCE; this.#faulted; await sleep(100)) {
      try {
        await this.heal();
      } catch (error) {
        if (Date.now() > limit) throw error;
      }
    }
    if (this.#scaled) await this.control.scale('car', this.#replicasBefore);
    this.#scaled = false;
    this.#journal.end();
  }
}

async function replicasOf(control: Control, service: string): Promise<Replica[]> {
  const { processes } = await control.status();
  const own = new RegExp(`^${RegExp.escape(service)}-\\d+$`);
  return processes.filter(({ name }) => own.test(name)).map(({ name, address }) => ({ name, address: address.split(':')[0] ?? '' }));
}

/** Whether a process has any faults set. @throws SceneRefused if it does not offer them */
async function hasFaults(name: string, address: string): Promise<boolean> {
  const client = new FaultServiceClient(`${address}:${podPorts.service}`, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      client.getFaults({}, (error, response) => {
        if (error === null) resolve(Faults.encode(response.faults ?? Faults.fromPartial({})).finish().length > 0);
        else reject(new SceneRefused(`${name} refuses faults (${error.details}): start it with FAULT_INJECTION=allowed.`));
      });
    });
  } finally {
    client.close();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { FaultServiceClient, Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import { type Control, controlClient, NotRunning } from '../control.ts';
import { setFaults } from '../faults.ts';
import { podPorts, type Topology, topologyFromEnvironment } from '../topology.ts';

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
 * where car has no faults, so that to end them is to leave things as they were.
 */
export class Scene {
  readonly topology: Topology;
  readonly control: Control;
  readonly edge: string;
  /** Replicas of car that there were before. */
  readonly #replicasBefore: number;
  #faulted = false;
  #scaled = false;
  #restored: Promise<void> | undefined;

  private constructor(topology: Topology, control: Control, edge: string, replicas: number) {
    this.topology = topology;
    this.control = control;
    this.edge = edge;
    this.#replicasBefore = replicas;
  }

  /** @throws NotRunning, or SceneRefused if the system is not ready, or is not well */
  static async open(): Promise<Scene> {
    const topology = topologyFromEnvironment();
    const control = controlClient(topology.state.socket);
    const { ready, edge, processes, policy } = await control.status();
    if (!ready) throw new SceneRefused('Rentmesh is still starting, or stopping: try again when `npm run status` shows it ready.');
    const unwell = processes.find(({ state }) => state !== 'ready');
    if (unwell !== undefined)
      throw new SceneRefused(`${unwell.name} is ${unwell.state}: \`npm run service -- start ${unwell.name}\` starts it.`);
    if (policy?.ok === false) throw new SceneRefused(`The policy files have an error, and those before it are in force: ${policy.error}`);
    const scene = new Scene(topology, control, edge, processes.filter(({ name }) => /^car-\d+$/.test(name)).length);
    for (const { name, address } of await scene.replicas('car')) {
      if (await hasFaults(name, address))
        throw new SceneRefused(`${name} has faults set already: \`npm run service -- fault ${name} off\` ends them.`);
    }
    return scene;
  }

  /** The replicas of a service that there are now. */
  async replicas(service: string): Promise<Replica[]> {
    const { processes } = await this.control.status();
    const own = new RegExp(`^${RegExp.escape(service)}-\\d+$`);
    return processes.filter(({ name }) => own.test(name)).map(({ name, address }) => ({ name, address: address.split(':')[0] ?? '' }));
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
  }
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

import { renameSync, writeFileSync } from 'node:fs';
import { type Engines, needMongo } from '../engines/engines.ts';
import { servicesOf } from '../systems/services.ts';
import type { System } from '../systems/systems.ts';
import { podClaims } from './claims.ts';
import type { DataPlane } from './data-plane.ts';
import { requireFree, StartRefused } from './ports.ts';
import { service, sidecar } from './processes.ts';
import { inParallel, type Supervisor } from './supervisor.ts';
import { type Pod, podsOf, type State, type Topology } from './topology.ts';

/** A running instance with the systems that were chosen. */
export interface Choice {
  readonly topology: Topology;
  readonly supervisor: Supervisor;
  readonly dataPlane: DataPlane;
  readonly engines: Engines;
  /** The systems that run now. */
  systems: readonly System[];
}

/** Processes that run with every choice. What a system adds is listed beside them and stopped in their stage. */
const NEIGHBOURS = { engine: 'kafka', sidecar: 'edge/gateway-1-sidecar', service: 'edge/gateway-1' } as const;

/** Writes the names of the running systems to the file that the gateway follows. */
export function writeSystems(state: State, systems: readonly System[]): void {
  const draft = `${state.systems}.draft`;
  writeFileSync(draft, systems.map(({ name }) => `${name}\n`).join(''));
  renameSync(draft, state.systems);
}

/**
 * Adds a system to a running instance. Nothing else restarts. If a process does not come up, the instance is as before.
 *
 * @throws StartRefused if the system runs, or an address is taken; NotReady; PolicyError
 */
export async function addSystem(choice: Choice, system: System): Promise<void> {
  const { topology, supervisor, dataPlane, engines } = choice;
  const before = choice.systems;
  if (before.includes(system)) throw new StartRefused(`${system.name} is already running.`);
  const services = servicesOf([system]);
  const pods = podsOf(topology.instance, services);
  await requireFree(pods.flatMap(podClaims));
  const after = [...before, system];
  try {
    await engines.provide(services);
    if (needMongo(services) && engines.mongo !== undefined && !supervisor.has(engines.mongo.name))
      await supervisor.join(NEIGHBOURS.engine, engines.mongo);
    // Policies first: the sidecars of the new pods are written with them. The edge offers the system when it is ready.
    await dataPlane.choose(after.map(({ name }) => name));
    await inParallel(pods, async (pod) => await supervisor.join(NEIGHBOURS.sidecar, sidecar(topology, pod, dataPlane.admit(pod))));
    await inParallel(pods, async (pod) => await supervisor.join(NEIGHBOURS.service, service(topology, pod, engines.stores)));
    await dataPlane.open(...pods);
    await publish(choice, after);
  } catch (error) {
    await end(choice, pods, before);
    throw error;
  }
}

/**
 * Takes a system away from a running instance. Calls that are under way finish, within 10 s. Its data stays.
 *
 * @throws StartRefused if the system does not run, or is the last one
 */
export async function removeSystem(choice: Choice, name: string): Promise<void> {
  const { dataPlane } = choice;
  const after = choice.systems.filter((system) => system.name !== name);
  if (after.length === choice.systems.length) {
    const names = choice.systems.map((system) => system.name).join(', ');
    throw new StartRefused(`There is no running system "${name}"; there are: ${names}.`);
  }
  if (after.length === 0) throw new StartRefused(`${name} is the last running system: \`npm run down\` stops everything.`);
  const pods = dataPlane.pods.filter(({ service }) => service.system === name);
  await publish(choice, after);
  await dataPlane.drain(...pods);
  await end(choice, pods, after);
}

/** Lets the edge, the gateway and the status show these systems. */
async function publish(choice: Choice, systems: readonly System[]): Promise<void> {
  await choice.dataPlane.offer(systems.map(({ name }) => name));
  writeSystems(choice.topology.state, systems);
  choice.systems = systems;
}

/** Ends the processes of pods, and what the remaining systems do not need. */
async function end(choice: Choice, pods: readonly Pod[], remaining: readonly System[]): Promise<void> {
  const { supervisor, dataPlane, engines } = choice;
  // Services first: they end their running calls, and make some, through their sidecars.
  await Promise.all(pods.map(({ name }) => supervisor.remove(name)));
  await Promise.all(pods.map(({ name }) => supervisor.remove(`${name}-sidecar`)));
  for (const pod of pods) dataPlane.forget(pod);
  if (choice.systems !== remaining) await publish(choice, remaining);
  await dataPlane.choose(remaining.map(({ name }) => name));
  if (engines.mongo !== undefined && !needMongo(servicesOf(remaining))) await supervisor.remove(engines.mongo.name);
}

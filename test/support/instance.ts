import { join } from 'node:path';
import { controlClient } from '../../dev/laptop/control.ts';
import { podOf, podPorts, text, topology } from '../../dev/laptop/topology.ts';
import { identityOf, replicaNumber, resolveName, serviceOfReplica } from '../../dev/systems/identity.ts';
import { services } from '../../dev/systems/services.ts';
import { chooseSystems } from '../../dev/systems/systems.ts';

/** The number of the instance that the tests run on; `npm start` has 0. Not RENTMESH_INSTANCE: what is there is deleted before the tests. */
export const INSTANCE = Number(process.env.RENTMESH_TEST_INSTANCE ?? 1);

/** Seconds after which an unconfirmed effect is asked about: `testSettings` of the descriptors. */
export const LEASE_SECONDS = 2;

/** Where everything of the tested instance is. Its policies are a copy of the repository's: tests change them while it runs. */
export const system = topology(INSTANCE, { mesh: join(topology(INSTANCE).state.root, 'mesh'), systems: chooseSystems([]) });

/** The address of the public door, host:port: of the tested instance, or of a cluster that the tests were pointed to. */
const edgeAddress = process.env.RENTMESH_TESTED_EDGE ?? text(system.edgeListen);

/** The public door. */
export const edge = { url: `http://${edgeAddress}`, address: edgeAddress };

/** Where the tested instance sends spans; a test that wants to see them listens there. */
export const collector = `127.0.0.1:${14317 + INSTANCE}`;

/** The broker. */
export const brokers = text(system.kafka);

/** The address of a service's own port, past its sidecar: what only a neighbour on the same pod calls. */
export function podService(name: string): string {
  return `${podAddress(name)}:${podPorts.service}`;
}

/** The address where the sidecar of a service takes calls from peers. */
export function podInbound(name: string): string {
  return `${podAddress(name)}:${podPorts.inbound}`;
}

/** The address of a replica, `rentcar/car-2` or `car-2`, whether it runs or not. */
export function podAddress(name: string): string {
  const [first = ''] = resolveName(
    serviceOfReplica(name) ?? name,
    services.map((each) => `${identityOf(each)}-1`),
    'service',
  );
  const definition = services.find((each) => identityOf(each) === serviceOfReplica(first));
  if (definition === undefined) throw new RangeError(`there is no pod ${name}`);
  return podOf(INSTANCE, definition, replicaNumber(name) ?? 1).workload.address;
}

/** Starts, stops and kills parts of the tested instance. */
export const control = controlClient(system.state.socket);

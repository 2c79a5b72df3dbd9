import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Workload } from '../../envoy/index.ts';
import { home, root as repository } from '../paths.mjs';
import { identityOf } from '../systems/identity.ts';
import { platformServices, type ServiceDefinition, servicesOf } from '../systems/services.ts';
import { systems as allSystems, type System } from '../systems/systems.ts';

/** A host and a port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, as people and programs write it. */
export function text(address: Address): string {
  return `${address.host}:${address.port}`;
}

/** Ports of a pod address. On Kubernetes Istio redirects instead, and the service itself has 50051. */
export const podPorts = { inbound: 50051, service: 50052, outbound: 15001 } as const;

/** One replica of a service with its sidecar. */
export interface Pod {
  /** `rentcar/car-1`. The name of the workload, `car-1`, is unique in its namespace only. */
  readonly name: string;
  readonly service: ServiceDefinition;
  readonly workload: Workload;
}

/** Where one running system keeps things. */
export interface State {
  readonly root: string;
  readonly data: string;
  readonly logs: string;
  readonly envoy: string;
  /** Unix sockets of the Envoys' admin interfaces; see adminSocketOf. */
  readonly admin: string;
  /** Names of the running systems, one per line. Replaced by rename. */
  readonly systems: string;
  /** Unix socket of the supervisor's control API. */
  readonly socket: string;
  /** The processes that are running, so that a later start finds them if the supervisor was killed. */
  readonly record: string;
}

/** Everything about one running system: addresses and places. */
export interface Topology {
  readonly instance: number;
  readonly state: State;
  /** The folder of the policies that the mesh follows, and which is watched while it runs. */
  readonly mesh: string;
  readonly postgres: Address;
  readonly kafka: Address;
  readonly kafkaController: Address;
  readonly mongo: Address;
  /** The systems that run from the start. */
  readonly systems: readonly System[];
  /** The replicas that there are from the start: of the systems and of the platform. */
  readonly pods: readonly Pod[];
  readonly edge: Workload;
  readonly edgeListen: Address;
}

/** The longest path that a unix socket may have; macOS allows 103 bytes, Linux 107. */
const longestSocketPath = 103;

/** The folder of a system's Unix sockets: its state, or one under the temporary directory if their paths would be too long. */
function socketFolder(root: string): string {
  const longest = join(root, 'admin', '127.220.254.255.sock');
  if (Buffer.byteLength(longest) <= longestSocketPath) return root;
  return join(tmpdir(), `rentmesh-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
}

/** The Unix socket of the admin interface of a workload's Envoy. */
export function adminSocketOf({ state }: Topology, { address }: Pick<Workload, 'address'>): string {
  return join(state.admin, `${address}.sock`);
}

function workload(name: string, app: string, namespace: string, address: string): Workload {
  return { name, namespace, address, labels: { app, version: 'v1' }, serviceAccount: app };
}

/** First half of the loopback addresses of an instance. */
function networkOf(instance: number): string {
  return `127.${20 + instance}`;
}

/** A replica of a service in an instance, whether it runs or not. @param replica counted from 1 */
export function podOf(instance: number, service: ServiceDefinition, replica: number): Pod {
  const address = `${networkOf(instance)}.${service.number}.${replica}`;
  return {
    name: `${identityOf(service)}-${replica}`,
    service,
    workload: workload(`${service.name}-${replica}`, service.name, service.system, address),
  };
}

/** What can be chosen of a running system. */
export interface TopologyOptions {
  /** The edge's port on 127.0.0.1; 8088 + 100 × instance if it is not said. */
  readonly edgePort?: number | undefined;
  /** Where its state is kept; the repository's `.rentmesh` if it is not said. */
  readonly home?: string | undefined;
  /** The folder of its policies; the repository's `mesh` if it is not said. */
  readonly mesh?: string | undefined;
  /** The systems that run from the start; all of this checkout if it is not said. */
  readonly systems?: readonly System[] | undefined;
}

/** The first replicas of services. */
export function podsOf(instance: number, services: readonly ServiceDefinition[]): Pod[] {
  return services.flatMap((service) => Array.from({ length: service.replicas }, (_, index) => podOf(instance, service, index + 1)));
}

/**
 * Lays out one running system.
 *
 * @param instance 0 is `npm start`, 1 the tests; up to 200 can run side by side, each on loopback addresses 127.(20+instance).x.y.
 */
export function topology(instance: number, options: TopologyOptions = {}): Topology {
  if (!Number.isInteger(instance) || instance < 0 || instance > 200)
    throw new RangeError(`an instance is a number from 0 to 200, not ${instance}`);
  const network = networkOf(instance);
  const root = join(options.home ?? home, `state-${instance}`);
  const { systems = allSystems } = options;
  return {
    instance,
    state: {
      root,
      data: join(root, 'data'),
      logs: join(root, 'logs'),
      envoy: join(root, 'envoy'),
      admin: join(socketFolder(root), 'admin'),
      systems: join(root, 'systems'),
      socket: join(socketFolder(root), 'control.sock'),
      record: join(root, 'processes.json'),
    },
    mesh: options.mesh ?? join(repository, 'mesh'),
    postgres: { host: `${network}.0.2`, port: 15432 },
    kafka: { host: `${network}.0.3`, port: 19092 },
    kafkaController: { host: `${network}.0.3`, port: 19093 },
    mongo: { host: `${network}.0.4`, port: 27117 },
    systems,
    pods: podsOf(instance, [...servicesOf(systems), ...platformServices]),
    edge: workload('edge', 'edge', 'edge', `${network}.254.1`),
    edgeListen: { host: '127.0.0.1', port: options.edgePort ?? 8088 + 100 * instance },
  };
}

/**
 * The system that commands are about: RENTMESH_INSTANCE (default 0), its edge on RENTMESH_PORT (default 8088 + 100 × instance), with the
 * policies in RENTMESH_MESH (default `mesh`; relative to the repository).
 *
 * @param systems the systems that run from the start; all of this checkout if it is not said
 * @throws RangeError naming the variable
 */
export function topologyFromEnvironment(environment: NodeJS.ProcessEnv = process.env, systems?: readonly System[]): Topology {
  const instance = number(environment, 'RENTMESH_INSTANCE', 0, 200) ?? 0;
  const edgePort = number(environment, 'RENTMESH_PORT', 1, 65535);
  return topology(instance, { edgePort, mesh: folder(environment, 'RENTMESH_MESH'), systems });
}

function folder(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const given = environment[name];
  if (given === undefined || given === '') return undefined;
  const path = resolve(repository, given);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new RangeError(`${name} has to be a folder, and "${given}" is none.`);
  return path;
}

function number(environment: NodeJS.ProcessEnv, name: string, from: number, to: number): number | undefined {
  const given = environment[name];
  if (given === undefined || given === '') return undefined;
  const value = Number(given);
  if (!Number.isInteger(value) || value < from || value > to)
    throw new RangeError(`${name} has to be a number from ${from} to ${to}, not "${given}".`);
  return value;
}

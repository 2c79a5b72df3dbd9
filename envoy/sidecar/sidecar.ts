import { join } from 'node:path';
import { inboundCluster } from '../generate/names.ts';
import { routesFor } from '../generate/routes.ts';
import { type Message, message } from '../json.ts';
import type { Mesh } from '../policy/mesh.ts';
import { scopeOf } from '../policy/scope.ts';
import { inboundPorts, sidecarClusters, type Workload } from './clusters.ts';
import { discovery, formatJson, fromFile, readIfThere, socketAddress, writeAtomically } from './files.ts';
import { inboundListener, outboundListener, PORTS } from './listeners.ts';
import { overloadManager, SIDECAR_HEAP } from './overload.ts';
import { onOneListener } from './routes.ts';
import { adminCluster, STATS_CONFIG, statsListener } from './stats.ts';
import { type Collector, collectorCluster, traced } from './tracing.ts';

/** The addresses at which the parts of a pod listen. */
export interface Interfaces {
  /** What peers call. */
  readonly inbound: string;
  /** What only the pod itself may reach, where it has a network of its own: the service, the way out, the admin interface. */
  readonly own: string;
}

/** Where the parts of the pod listen that options are about. */
export function interfacesOf({ workload, interfaces }: SidecarOptions): Interfaces {
  return interfaces ?? { inbound: workload.address, own: workload.address };
}

/** What a sidecar's configuration is made from. */
export interface SidecarOptions {
  readonly mesh: Mesh;
  /** The pod that the sidecar stands beside. */
  readonly workload: Workload;
  /** Every pod that can be called. */
  readonly workloads: readonly Workload[];
  /** Where the configuration files are written; made if it is not there. */
  readonly directory: string;
  /** Where the parts of the pod listen; all at the workload's address if it is not said. */
  readonly interfaces?: Interfaces;
  /** Path of a Unix socket for the admin interface, which only its owner may use; port 15000 of the pod's own address if undefined. */
  readonly adminSocket?: string | undefined;
  /** Where Envoy's statistics can be had at /stats/prometheus; nowhere if it is not said. The address is one of the pod's. */
  readonly stats?: string;
  /** Where spans are sent; no traces are made if it is not said. */
  readonly tracing?: Collector | undefined;
}

/** What one Envoy has beyond the outbound and inbound side of its workload. */
export interface Extras {
  readonly listeners?: readonly Message[];
  readonly clusters?: readonly Message[];
  /** Route configurations, each in a file of its own; see routesFrom. */
  readonly routes?: readonly Message[];
  readonly bootstrap?: Message;
}

/**
 * Writes bootstrap.json, lds.json, rds.json and cds.json into the directory, each by rename. Called again while Envoy runs, it updates Envoy within its
 * file watch, without dropping a request.
 * @returns the path of bootstrap.json
 */
export function writeSidecar(options: SidecarOptions): string {
  return writeEnvoy(options, {});
}

/** Where an Envoy reads one of Extras.routes from. @param directory as in SidecarOptions */
export function routesFrom(directory: string, name: string): Message {
  return fromFile(join(directory, routesFile(name)));
}

/** Envoy takes a file of one route configuration only. */
function routesFile(name: string): string {
  return `rds-${name}.json`;
}

/** As writeSidecar, with more listeners and clusters in the same Envoy. */
export function writeEnvoy(options: SidecarOptions, extras: Extras): string {
  const { mesh, workload, workloads, directory, stats, tracing } = options;
  const { inbound, own } = interfacesOf(options);
  const scope = scopeOf(mesh, workload);
  const file = (name: string): string => join(directory, name);
  const clusters = [
    ...sidecarClusters(mesh, scope, own, workloads),
    ...(extras.clusters ?? []),
    ...(stats === undefined ? [] : [adminCluster(adminAddress(options))]),
    ...(tracing === undefined ? [] : [collectorCluster(tracing)]),
  ];
  const traffic = [
    outboundListener(own, fromFile(file('rds.json'))),
    ...inboundPorts(scope).map((port) => inboundListener(inbound, port, inboundCluster(port))),
    ...(extras.listeners ?? []),
  ];
  const listeners = [
    ...(tracing === undefined ? traffic : traffic.map((listener) => traced(listener, workload, tracing))),
    ...(stats === undefined ? [] : [statsListener(stats)]),
  ];
  // What is referred to is written before what refers to it.
  writeAtomically(directory, 'cds.json', discovery('envoy.config.cluster.v3.Cluster', withLeaving(clusters, file('cds.json'))));
  const routes = onOneListener(routesFor(scope));
  writeAtomically(directory, 'rds.json', discovery('envoy.config.route.v3.RouteConfiguration', [routes]));
  for (const routes of extras.routes ?? [])
    writeAtomically(directory, routesFile(String(routes.name)), discovery('envoy.config.route.v3.RouteConfiguration', [routes]));
  writeAtomically(directory, 'lds.json', discovery('envoy.config.listener.v3.Listener', listeners));
  return writeAtomically(
    directory,
    'bootstrap.json',
    formatJson(
      bootstrap(workload, adminAddress(options), fromFile(file('lds.json')), fromFile(file('cds.json')), {
        ...(stats === undefined ? {} : { stats_config: STATS_CONFIG }),
        ...extras.bootstrap,
      }),
    ),
  );
}

/**
 * The clusters and those that the last version of the file had beyond them. A route may be replaced a moment later than a cluster, and a
 * call to a cluster that is gone would fail: a cluster leaves one version after its routes.
 */
function withLeaving(clusters: readonly Message[], file: string): Message[] {
  const LEAVING = 'rentmesh.leaving';
  const names = new Set(clusters.map((cluster) => cluster.name));
  const before = readIfThere(file);
  if (!before) return [...clusters];
  // The file is this module's own; a foreign one in its place fails in Envoy, not here.
  const { resources } = JSON.parse(before.toString()) as { resources: Message[] };
  const leaving = resources
    .filter((cluster) => !names.has(cluster.name) && cluster.metadata === undefined)
    .map((cluster) => ({ ...cluster, metadata: { filter_metadata: { [LEAVING]: {} } } }));
  return [...clusters, ...leaving];
}

/** Where the admin interface listens. It can stop the Envoy, so nobody outside the pod may reach it. */
function adminAddress(options: SidecarOptions): Message {
  const { adminSocket } = options;
  if (adminSocket !== undefined) return { pipe: { path: adminSocket, mode: OWNER_ONLY } };
  return socketAddress(interfacesOf(options).own, PORTS.admin);
}

/** 0600. */
const OWNER_ONLY = 0o600;

const WATCHDOG = { miss_timeout: '10s', megamiss_timeout: '20s' };

function bootstrap(workload: Workload, admin: Message, lds: Message, cds: Message, extra: Message): Message {
  const app = workload.labels.app ?? workload.name;
  return message({
    node: {
      id: `sidecar~${workload.address}~${workload.name}.${workload.namespace}~${workload.namespace}.svc.cluster.local`,
      cluster: `${app}.${workload.namespace}`,
    },
    admin: { address: admin },
    // Histograms are brought up to date when somebody reads them, instead of every 5 s.
    stats_flush_on_admin: true,
    // By default both watchdogs wake each thread ten times a second. They only count slow turns of the event loop.
    watchdogs: { main_thread_watchdog: WATCHDOG, worker_watchdog: WATCHDOG },
    dynamic_resources: { lds_config: lds, cds_config: cds },
    ...overloadManager({ heap: SIDECAR_HEAP }),
    ...extra,
  });
}

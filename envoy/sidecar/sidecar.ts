import { join } from 'node:path';
import { inboundCluster } from '../generate/names.ts';
import { routesFor } from '../generate/routes.ts';
import { type Message, message } from '../json.ts';
import type { Mesh } from '../policy/mesh.ts';
import { scopeOf } from '../policy/scope.ts';
import { inboundPorts, sidecarClusters, type Workload } from './clusters.ts';
import { discovery, formatJson, fromFile, readIfThere, socketAddress, writeAtomically } from './files.ts';
import { inboundListener, outboundListener, PORTS } from './listeners.ts';
import { onOneListener } from './routes.ts';

/** What a sidecar's configuration is made from. */
export interface SidecarOptions {
  readonly mesh: Mesh;
  /** The pod that the sidecar stands beside. */
  readonly workload: Workload;
  /** Every pod that can be called. */
  readonly workloads: readonly Workload[];
  /** Where the configuration files are written; made if it is not there. */
  readonly directory: string;
}

/** What one Envoy has beyond the outbound and inbound side of its workload. */
export interface Extras {
  readonly listeners?: readonly Message[];
  readonly clusters?: readonly Message[];
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

/** As writeSidecar, with more listeners and clusters in the same Envoy. */
export function writeEnvoy({ mesh, workload, workloads, directory }: SidecarOptions, extras: Extras): string {
  const scope = scopeOf(mesh, workload);
  const file = (name: string): string => join(directory, name);
  const clusters = [...sidecarClusters(mesh, scope, workload, workloads), ...(extras.clusters ?? [])];
  const listeners = [
    outboundListener(workload.address, fromFile(file('rds.json'))),
    ...inboundPorts(scope).map((port) => inboundListener(workload.address, port, inboundCluster(port))),
    ...(extras.listeners ?? []),
  ];
  // What is referred to is written before what refers to it.
  writeAtomically(directory, 'cds.json', discovery('envoy.config.cluster.v3.Cluster', withLeaving(clusters, file('cds.json'))));
  const routes = onOneListener(routesFor(scope));
  writeAtomically(directory, 'rds.json', discovery('envoy.config.route.v3.RouteConfiguration', [routes]));
  writeAtomically(directory, 'lds.json', discovery('envoy.config.listener.v3.Listener', listeners));
  return writeAtomically(
    directory,
    'bootstrap.json',
    formatJson(bootstrap(workload, file('lds.json'), file('cds.json'), extras.bootstrap)),
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

function bootstrap(workload: Workload, lds: string, cds: string, extra: Message = {}): Message {
  const app = workload.labels.app ?? workload.name;
  return message({
    node: {
      id: `sidecar~${workload.address}~${workload.name}.${workload.namespace}~${workload.namespace}.svc.cluster.local`,
      cluster: `${app}.${workload.namespace}`,
    },
    admin: { address: socketAddress(workload.address, PORTS.admin) },
    // Histograms are brought up to date when somebody reads them, instead of every 5 s.
    stats_flush_on_admin: true,
    dynamic_resources: { lds_config: fromFile(lds), cds_config: fromFile(cds) },
    ...extra,
  });
}

import { clustersFor, outboundTargets } from '../generate/clusters.ts';
import type { Json, Message } from '../json.ts';
import type { Mesh } from '../policy/mesh.ts';
import type { Scope } from '../policy/scope.ts';
import { isBehind, type Labelled, type Service, selects } from '../policy/services.ts';
import { fromFile, socketAddress } from './files.ts';
import { PORTS } from './listeners.ts';

/** One pod of the mesh. */
export interface Workload extends Labelled {
  readonly name: string;
  /** An IP address of its own. */
  readonly address: string;
  readonly serviceAccount: string;
}

/**
 * The sidecar's clusters: what Istio makes of the policy, and where the endpoints are found on the laptop.
 * @param endpointFile the path of the file with a cluster's endpoints
 */
export function sidecarClusters(scope: Scope, workload: Workload, endpointFile: (cluster: string) => string): Message[] {
  return clustersFor(scope).map((cluster) => {
    const name = String(cluster.name);
    if (name.startsWith('inbound|')) {
      return {
        ...tracked(cluster),
        type: 'STATIC',
        load_assignment: assignment(name, [{ address: workload.address, port: PORTS.service }]),
      };
    }
    return { ...tracked(cluster), type: 'EDS', eds_cluster_config: { service_name: name, eds_config: fromFile(endpointFile(name)) } };
  });
}

/** Adds gauges of what is left below each limit, for people who watch. */
function tracked(cluster: Message): Message {
  const breakers = cluster.circuit_breakers;
  if (breakers === null || typeof breakers !== 'object' || !('thresholds' in breakers) || !Array.isArray(breakers.thresholds))
    return cluster;
  const thresholds = breakers.thresholds.map((threshold: Json) =>
    threshold !== null && typeof threshold === 'object' ? { ...threshold, track_remaining: true } : threshold,
  );
  return { ...cluster, circuit_breakers: { ...breakers, thresholds } };
}

/** The endpoints of every outbound cluster of a sidecar (ClusterLoadAssignment messages). */
export function endpointsFor(mesh: Mesh, scope: Scope, workloads: readonly Workload[]): Message[] {
  return scope.services.flatMap((service) => {
    const endpoints = endpointsOf(mesh, service, workloads);
    return outboundTargets(scope, service).map(({ name, port, subset }) => {
      const chosen = endpoints.filter(({ labels }) => selects(subset?.labels ?? {}, labels));
      return assignment(
        name,
        chosen.map(({ address }) => ({ address, port: port.targetPort })),
      );
    });
  });
}

interface Endpoint {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

function endpointsOf(mesh: Mesh, service: Service, workloads: readonly Workload[]): Endpoint[] {
  const entries = mesh.workloadEntries.map((entry) => ({
    namespace: entry.namespace,
    labels: { ...entry.labels, ...entry.spec.labels },
    address: entry.spec.address ?? '',
  }));
  return [...workloads, ...entries].filter((workload) => isBehind(service, workload));
}

function assignment(cluster: string, endpoints: readonly { address: string; port: number }[]): Message {
  return {
    cluster_name: cluster,
    endpoints: [{ lb_endpoints: endpoints.map(({ address, port }) => ({ endpoint: { address: socketAddress(address, port) } })) }],
  };
}

/** The ports on which the workload is called. */
export function inboundPorts(scope: Scope): number[] {
  return [...new Set(scope.targets.flatMap((service) => service.ports.map((port) => port.targetPort)))];
}

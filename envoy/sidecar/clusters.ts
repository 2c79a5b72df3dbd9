import { isIP } from 'node:net';
import { clustersFor, type OutboundTarget, outboundTargets } from '../generate/clusters.ts';
import { isMessage, type Json, type Message } from '../json.ts';
import type { Mesh } from '../policy/mesh.ts';
import type { Scope } from '../policy/scope.ts';
import { isBehind, type Labelled, selects } from '../policy/services.ts';
import { socketAddress } from './files.ts';
import { PORTS, WINDOWS } from './listeners.ts';

/** One pod of the mesh. */
export interface Workload extends Labelled {
  readonly name: string;
  /** An address of its own: an IP address, or a name that stands for one. */
  readonly address: string;
  readonly serviceAccount: string;
}

/**
 * The sidecar's clusters: what Istio makes of the policy, with the endpoints that they have on the laptop. Services whose calls go where they
 * were addressed to (resolution NONE) cannot be reached: without redirection nobody knows where that was.
 * @param own the address at which the pod's service listens
 * @param workloads every pod that can be called
 */
export function sidecarClusters(mesh: Mesh, scope: Scope, own: string, workloads: readonly Workload[]): Message[] {
  const targets = new Map(scope.services.flatMap((service) => outboundTargets(scope, service)).map((target) => [target.name, target]));
  return clustersFor(scope).map((generated) => {
    const cluster = withWindows(generated);
    const name = String(cluster.name);
    const target = targets.get(name);
    if (!target) return { ...tracked(cluster), type: 'STATIC', load_assignment: assignment(name, [{ address: own, port: PORTS.service }]) };
    if (target.originalDestination) return { ...tracked(cluster), type: 'ORIGINAL_DST' };
    const endpoints = endpointsOf(mesh, target, workloads);
    return { ...tracked(cluster), ...discoveryOf(target.service.resolution, endpoints), load_assignment: assignment(name, endpoints) };
  });
}

/** How Envoy finds the addresses of a cluster's endpoints, by the resolution of the service. */
const DISCOVERY = {
  STATIC: 'STATIC',
  NONE: 'STATIC',
  DNS: 'STRICT_DNS',
  DNS_ROUND_ROBIN: 'LOGICAL_DNS',
  DYNAMIC_DNS: 'STRICT_DNS',
} as const;

/** How the addresses of endpoints are found: names are looked up, also where Istio would have had addresses from Kubernetes. */
function discoveryOf(resolution: keyof typeof DISCOVERY, endpoints: readonly Endpoint[]): Message {
  const type = DISCOVERY[resolution];
  if (type !== 'STATIC' || endpoints.every(({ address }) => isIP(address) !== 0)) return { type };
  return { type: 'STRICT_DNS', dns_lookup_family: 'V4_PREFERRED' };
}

const PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/**
 * Bounds what a stream to a server of HTTP/2 buffers: with Envoy's own defaults a server that does not read makes the sidecar keep
 * 16 MiB of each request, and a client that does not read the same of each response.
 */
export function withWindows(cluster: Message): Message {
  const extensions = cluster.typed_extension_protocol_options;
  const options = isMessage(extensions) ? extensions[PROTOCOL_OPTIONS] : undefined;
  const http = isMessage(options) ? options.explicit_http_config : undefined;
  if (!isMessage(extensions) || !isMessage(options) || !isMessage(http) || !isMessage(http.http2_protocol_options)) return cluster;
  const windows = { ...WINDOWS, ...http.http2_protocol_options };
  const explicit_http_config = { ...http, http2_protocol_options: windows };
  return { ...cluster, typed_extension_protocol_options: { ...extensions, [PROTOCOL_OPTIONS]: { ...options, explicit_http_config } } };
}

/** Adds gauges of what is left below each limit, for people who watch. */
function tracked(cluster: Message): Message {
  const { circuit_breakers: breakers } = cluster;
  if (!isMessage(breakers) || !Array.isArray(breakers.thresholds)) return cluster;
  const thresholds = breakers.thresholds.map((threshold: Json) =>
    isMessage(threshold) ? { ...threshold, track_remaining: true } : threshold,
  );
  return { ...cluster, circuit_breakers: { ...breakers, thresholds } };
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

function endpointsOf(mesh: Mesh, { service, port, subset }: OutboundTarget, workloads: readonly Workload[]): Endpoint[] {
  const entries = mesh.workloadEntries.map(({ namespace, labels, spec }) => ({
    namespace,
    labels: { ...labels, ...spec.labels },
    address: spec.address ?? '',
    ports: spec.ports,
  }));
  const pods = workloads.map(({ namespace, labels, address }) => ({ namespace, labels, address, ports: undefined }));
  const listed = service.endpoints.map(({ address = '', labels = {}, ports }) => ({ address, labels, ports }));
  const chosen = service.selector ? [...pods, ...entries].filter((instance) => isBehind(service, instance)) : listed;
  return chosen
    .filter(({ labels }) => selects(subset?.labels ?? {}, labels))
    .map(({ address, ports }) => ({ address, port: ports?.[port.name] ?? port.targetPort }));
}

function assignment(cluster: string, endpoints: readonly Endpoint[]): Message {
  return {
    cluster_name: cluster,
    endpoints: [{ lb_endpoints: endpoints.map(({ address, port }) => ({ endpoint: { address: socketAddress(address, port) } })) }],
  };
}

/** The ports on which the workload is called. */
export function inboundPorts(scope: Scope): number[] {
  return [...new Set(scope.targets.map(({ number }) => number))];
}

import type { z } from 'zod';
import { crdSpec } from './schema/crd.ts';
import { destinationRuleSpec } from './schema/destination-rule.ts';
import { kubernetesServiceSpec, serviceEntrySpec, workloadEntrySpec } from './schema/services.ts';
import { virtualServiceSpec } from './schema/virtual-service.ts';
import { distance, suggestion } from './suggest.ts';

/**
 * What the generator does with a kind. `generated`: it becomes configuration of Envoy. `cluster only`: a cluster acts on it,
 * and the sidecars generated here do not. `refused`: the file is an error, because calls would take another way than on a cluster.
 */
export type Support = 'generated' | 'cluster only' | 'refused';

/** A kind of object that shapes traffic. */
export interface Kind {
  /** Empty for Kubernetes's core group. */
  readonly group: string;
  readonly kind: string;
  readonly versions: readonly string[];
  readonly support: Support;
  /** What becomes of an object of this kind, or what to write instead. A sentence without a full stop. */
  readonly effect: string;
  /** Whether each object is a warning: calls differ from those on a cluster. */
  readonly warns?: boolean;
  /** Returns the schema of spec. Undefined for a kind that is refused: nothing reads its spec. */
  readonly spec?: () => z.ZodType;
}

const NETWORKING = 'networking.istio.io';
const EXTENSIONS = 'extensions.istio.io';
const SECURITY = 'security.istio.io';
const TELEMETRY = 'telemetry.istio.io';
const GATEWAY_API = 'gateway.networking.k8s.io';
const STABLE = ['v1', 'v1beta1', 'v1alpha3'] as const;

/** Kinds that become configuration of Envoy. */
export const GENERATED = {
  service: generated('', 'Service', ['v1'], kubernetesServiceSpec, 'Clusters, virtual hosts, and the inbound listener of its pods'),
  destinationRule: generated(NETWORKING, 'DestinationRule', STABLE, destinationRuleSpec, 'Limits, ejection and balancing of clusters'),
  virtualService: generated(NETWORKING, 'VirtualService', STABLE, virtualServiceSpec, 'HTTP routes of sidecars and of the edge'),
  serviceEntry: generated(NETWORKING, 'ServiceEntry', STABLE, serviceEntrySpec, 'Clusters and virtual hosts'),
  workloadEntry: generated(NETWORKING, 'WorkloadEntry', STABLE, workloadEntrySpec, 'Endpoints of clusters'),
};

/** Every kind of Istio, and the kinds of the Gateway API, which Istio reads as well. */
export const KINDS: readonly Kind[] = [
  ...Object.values(GENERATED),
  clusterOnly(NETWORKING, 'EnvoyFilter', ['v1alpha3'], 'The generated configuration is not patched', { warns: true }),
  clusterOnly(NETWORKING, 'Gateway', STABLE, 'The edge takes requests itself', { warns: true }),
  clusterOnly(NETWORKING, 'ProxyConfig', ['v1beta1'], 'Envoy starts with the same options everywhere', { warns: true }),
  clusterOnly(NETWORKING, 'Sidecar', STABLE, 'A sidecar sees every service that is exported to it', { warns: true }),
  clusterOnly(NETWORKING, 'WorkloadGroup', STABLE, 'No workload registers itself: write a WorkloadEntry', { warns: true }),
  clusterOnly(EXTENSIONS, 'TrafficExtension', ['v1alpha1'], 'Sidecars load no extension', { warns: true }),
  clusterOnly(EXTENSIONS, 'WasmPlugin', ['v1alpha1'], 'Sidecars load no extension', { warns: true }),
  clusterOnly(SECURITY, 'AuthorizationPolicy', ['v1', 'v1beta1'], 'Sidecars have no certificates, so callers have no identity'),
  clusterOnly(SECURITY, 'PeerAuthentication', ['v1', 'v1beta1'], 'Sidecars do not encrypt'),
  clusterOnly(SECURITY, 'RequestAuthentication', ['v1', 'v1beta1'], 'Sidecars do not check tokens'),
  clusterOnly(TELEMETRY, 'Telemetry', ['v1', 'v1alpha1'], 'The environment variables of OpenTelemetry configure tracing'),
  refused(GATEWAY_API, 'HTTPRoute', ['v1', 'v1beta1'], 'Write a VirtualService'),
  refused(GATEWAY_API, 'GRPCRoute', ['v1', 'v1alpha2'], 'Write a VirtualService'),
  refused(GATEWAY_API, 'TCPRoute', ['v1alpha2'], 'Only HTTP is routed'),
  refused(GATEWAY_API, 'TLSRoute', ['v1', 'v1alpha3', 'v1alpha2'], 'Only HTTP is routed'),
  refused(GATEWAY_API, 'UDPRoute', ['v1alpha2'], 'Only HTTP is routed'),
  refused(GATEWAY_API, 'BackendTLSPolicy', ['v1', 'v1alpha3'], 'Sidecars do not encrypt: calls would leave in plaintext'),
  refused(GATEWAY_API, 'Gateway', ['v1', 'v1beta1'], 'The edge takes requests itself: keep the Gateway in a folder of the cluster'),
  refused(
    GATEWAY_API,
    'GatewayClass',
    ['v1', 'v1beta1'],
    'The edge takes requests itself: keep the GatewayClass in a folder of the cluster',
  ),
  refused(GATEWAY_API, 'ListenerSet', ['v1'], 'The edge takes requests itself: keep the ListenerSet in a folder of the cluster'),
  refused(GATEWAY_API, 'ReferenceGrant', ['v1', 'v1beta1'], 'It belongs to routes that are refused'),
  refused('discovery.k8s.io', 'EndpointSlice', ['v1'], 'Write a ServiceEntry with endpoints'),
  refused('', 'Endpoints', ['v1'], 'Write a ServiceEntry with endpoints'),
  refused('', 'List', ['v1'], 'Separate the objects by lines of ---'),
];

/** Kubernetes's other kinds of the core group. They do not route calls. */
const CORE_KINDS = [
  ...['ConfigMap', 'Event', 'LimitRange', 'Namespace', 'Node', 'PersistentVolume', 'PersistentVolumeClaim', 'Pod', 'PodTemplate'],
  ...['ReplicationController', 'ResourceQuota', 'Secret', 'ServiceAccount'],
];

/** What the registry says about an object: its kind, an error, or undefined for a kind that only a cluster acts on. */
export type Lookup = { readonly kind: Kind } | { readonly error: string } | undefined;

/** Finds the kind of an object. A kind of another group is undefined: only a cluster acts on it. */
export function findKind(group: string, kind: string): Lookup {
  const found = KINDS.find((each) => each.group === group && each.kind === kind);
  if (found) return { kind: found };
  const owner = KINDS.find((each) => each.kind === kind && isIstio(group) && each.group.endsWith('.istio.io'));
  if (owner) return { error: `${group} has no kind ${kind}; write apiVersion: ${owner.group}/${owner.versions[0]}` };
  const known = KINDS.filter((each) => each.group === group || (isIstio(group) && isIstio(each.group))).map((each) => each.kind);
  if (isIstio(group)) return { error: `Istio has no kind ${kind} in ${group}${suggestion(kind, known)}` };
  if (group === GATEWAY_API) return { error: `the Gateway API has no kind ${kind}${suggestion(kind, known)}` };
  if (group === '') {
    if (CORE_KINDS.includes(kind)) return undefined;
    return { error: `Kubernetes has no kind ${kind} in v1${suggestion(kind, [...known, ...CORE_KINDS])}` };
  }
  const meant = KINDS.find((each) => each.kind === kind && each.group !== '' && distance(each.group, group) <= 2);
  return meant && { error: `no API group ${group}; did you mean "${meant.group}"?` };
}

/** Formats a warning about policy that is in force only on a cluster. */
export function noEffect(subject: string, reason: string): string {
  return `${subject}: no effect here, only on a cluster (${reason})`;
}

function isIstio(group: string): boolean {
  return group === 'istio.io' || group.endsWith('.istio.io');
}

function generated<S extends z.ZodType>(group: string, kind: string, versions: readonly string[], schema: S, effect: string) {
  return { group, kind, versions, support: 'generated', effect, spec: () => schema } as const satisfies Kind;
}

function clusterOnly(group: string, kind: string, versions: readonly string[], effect: string, { warns = false } = {}): Kind {
  return { group, kind, versions, support: 'cluster only', effect, warns, spec: () => crdSpec(`${group}/${kind}`) };
}

function refused(group: string, kind: string, versions: readonly string[], effect: string): Kind {
  return { group, kind, versions, support: 'refused', effect };
}

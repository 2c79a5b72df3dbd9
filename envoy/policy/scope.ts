import { delegated } from './delegates.ts';
import { completeHost, isWildcard, mostSpecific } from './hosts.ts';
import type { Mesh } from './mesh.ts';
import type { VirtualService } from './resources.ts';
import { byAge, type EffectiveRule, RuleIndex } from './rules.ts';
import type { HttpRoute } from './schema/virtual-service.ts';
import { isBehind, type Labelled, type Service, type ServicePort } from './services.ts';
import { visibilityIn } from './visibility.ts';

/** A workload as its sidecar's configuration sees it. */
export interface Caller extends Labelled {
  /** Its IP address; a WorkloadEntry with the same address says which services it is behind. */
  readonly address?: string | undefined;
}

/** A VirtualService with complete hosts and its delegates' routes in place. */
export interface Routing {
  readonly resource: VirtualService;
  readonly hosts: readonly string[];
  readonly http: readonly HttpRoute[];
}

/** A port of a workload and the service port that it stands for. */
export interface Target {
  readonly service: Service;
  readonly port: ServicePort;
  /** The port of the workload. */
  readonly number: number;
}

/** What one workload sees of a mesh. */
export interface Scope {
  readonly proxy: Caller;
  /** The services that it can call, one for each host. */
  readonly services: readonly Service[];
  readonly virtualServices: readonly Routing[];
  /** By host of a service: the VirtualService that has the most specific host for it. */
  readonly mostSpecific: ReadonlyMap<string, VirtualService>;
  /** The ports on which it is called itself, by the services that it is behind. */
  readonly targets: readonly Target[];
  service(host: string): Service | undefined;
  /** The DestinationRule for its calls to a service. */
  rule(service: Service): EffectiveRule | undefined;
  /** The DestinationRule whose limits hold for the calls that come in to it. */
  inboundRule(service: Service): EffectiveRule | undefined;
}

/** What a workload sees of the mesh: exportTo is obeyed, what comes first counts where two things claim one host. */
export function scopeOf(mesh: Mesh, proxy: Caller): Scope {
  const rules = new RuleIndex(mesh.destinationRules, mesh.domain);
  const services = visibleServices(mesh, proxy.namespace);
  const byHost = new Map(services.map((service) => [service.host, service]));
  const virtualServices = visibleVirtualServices(mesh, proxy.namespace);
  return {
    proxy,
    services,
    virtualServices,
    mostSpecific: mostSpecificIndex(virtualServices, services),
    targets: targetsOf(mesh, proxy),
    service: (host) => byHost.get(host),
    rule: (service) => rules.outbound(proxy, service),
    inboundRule: (service) => rules.inbound(proxy, service),
  };
}

function visibleServices(mesh: Mesh, namespace: string): Service[] {
  const visible = Map.groupBy([...mesh.services].sort(byAge), (service) => visibilityIn(namespace, service.namespace, service.exportTo));
  const byHost = new Map<string, Service>();
  for (const service of [...(visible.get('named') ?? []), ...(visible.get('everywhere') ?? [])]) {
    const existing = byHost.get(service.host);
    byHost.set(service.host, existing ? oneOf(existing, service, namespace) : service);
  }
  return [...byHost.values()];
}

/**
 * Of services with one host, the one in the caller's namespace counts, then one that Kubernetes knows, then the first. Two of one namespace
 * and registry are put together.
 */
function oneOf(first: Service, second: Service, namespace: string): Service {
  if (first.namespace !== second.namespace) {
    if (second.namespace === namespace) return second;
    return first.namespace !== namespace && first.kind === 'ServiceEntry' && second.kind === 'Service' ? second : first;
  }
  if (first.kind !== second.kind) return first.kind === 'Service' ? first : second;
  if (first.resolution !== second.resolution) return first;
  const numbers = new Set(first.ports.map((port) => port.number));
  return { ...first, ports: [...first.ports, ...second.ports.filter((port) => !numbers.has(port.number))] };
}

function visibleVirtualServices(mesh: Mesh, namespace: string): Routing[] {
  const ofSidecars = mesh.virtualServices.filter(
    ({ spec: { hosts = [], gateways = [] } }) => hosts.length > 0 && (gateways.length === 0 || gateways.includes('mesh')),
  );
  const visible = Map.groupBy(ofSidecars.sort(byAge), (virtual) => visibilityIn(namespace, virtual.namespace, virtual.spec.exportTo));
  const named = Object.groupBy(visible.get('named') ?? [], (virtual) => (virtual.namespace === namespace ? 'own' : 'others'));
  return [...(named.own ?? []), ...(named.others ?? []), ...(visible.get('everywhere') ?? [])].map((resource) => ({
    resource,
    hosts: (resource.spec.hosts ?? []).map((host) => completeHost(host, resource.namespace, mesh.domain)),
    http: delegated(mesh, resource),
  }));
}

function mostSpecificIndex(virtualServices: readonly Routing[], services: readonly Service[]): Map<string, VirtualService> {
  const byHost = new Map<string, VirtualService>();
  for (const { hosts, resource } of virtualServices) {
    for (const host of hosts) if (!byHost.has(host)) byHost.set(host, resource);
  }
  const index = new Map<string, VirtualService>();
  for (const { host } of services) {
    const exact = byHost.get(host);
    const found = exact && isWildcard(host) === false ? exact : mostSpecific(host, byHost);
    if (found) index.set(host, found);
  }
  return index;
}

function targetsOf(mesh: Mesh, proxy: Caller): Target[] {
  const entries = mesh.workloadEntries
    .filter((entry) => entry.spec.address !== undefined && entry.spec.address === proxy.address && entry.namespace === proxy.namespace)
    .map((entry) => ({ namespace: entry.namespace, labels: { ...entry.labels, ...entry.spec.labels }, ports: entry.spec.ports }));
  const identities: Instance[] = entries.length > 0 ? entries : [proxy];
  return mesh.services.flatMap((service) =>
    identities
      .filter((identity) => isBehind(service, identity))
      .flatMap(({ ports }) => service.ports.map((port) => ({ service, port, number: ports?.[port.name] ?? port.targetPort }))),
  );
}

/** A workload that can be behind a service, with ports of its own by the names of the service's. */
interface Instance extends Labelled {
  readonly ports?: Readonly<Record<string, number>> | undefined;
}

import type { Message } from '../json.ts';
import { isWildcard, overlap } from '../policy/hosts.ts';
import type { Routing, Scope } from '../policy/scope.ts';
import { isHttp, type Service } from '../policy/services.ts';
import { Domains } from './domains.ts';
import { defaultRoute, isRouted, routesOf } from './route.ts';

/** Istio routes hosts that no service has on this port only. */
const PLAIN_HTTP = 80;

/** The Envoy route configurations of a workload's sidecar, as Istio makes them: one for each port number, named after it. */
export function routesFor(scope: Scope): Message[] {
  const ports = new Set(
    scope.services
      .flatMap((service) => service.ports)
      .filter(isHttp)
      .map((port) => port.number),
  );
  return [...ports].map((port) => ({
    name: String(port),
    virtual_hosts: virtualHosts(scope, port),
    ignore_port_in_host_matching: true,
    validate_clusters: false,
  }));
}

/** Services and hosts that share routes. */
interface Group {
  readonly services: readonly Service[];
  readonly hosts: readonly string[];
  readonly routes: readonly Message[];
}

function virtualHosts(scope: Scope, port: number): Message[] {
  const services = new Map<string, Service>();
  for (const service of scope.services) {
    const host = service.host.toLowerCase();
    if (service.ports.some((own) => own.number === port)) services.set(host, { ...service, host });
  }
  const groups = scope.virtualServices
    .filter((routing) => port === PLAIN_HTTP || isAbout(routing, services))
    .flatMap((routing) => groupOf(scope, routing, services, port) ?? []);
  const taken = new Set(groups.flatMap((group) => group.services.map(({ host }) => host)));
  for (const service of services.values()) {
    if (taken.has(service.host) || !isRouted(service, port)) continue;
    groups.push({ services: [service], hosts: [], routes: [defaultRoute(scope, service, port)] });
  }
  const domains = new Domains(groups.flatMap((group) => group.services.map(({ host }) => host)));
  const names = new Set<string>();
  const made: Message[] = [];
  const add = (host: string, choose: () => string[], routes: readonly Message[]): void => {
    const name = `${host}:${port}`;
    // The first VirtualService of a host wins.
    if (names.has(name)) return;
    names.add(name);
    const free = choose();
    if (free.length > 0) made.push({ name, domains: free, routes, include_request_attempt_count: true });
  };
  for (const { hosts, services: members, routes } of groups) {
    for (const host of hosts) add(host.toLowerCase(), () => domains.take([host.toLowerCase()]), routes);
    for (const service of members) add(service.host, () => domains.takeFor(service, scope.proxy.namespace), routes);
  }
  return made.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
}

/** Whether a VirtualService names a host of one of the services. */
function isAbout({ hosts }: Routing, services: ReadonlyMap<string, Service>): boolean {
  return hosts.some((raw) => {
    const host = raw.toLowerCase();
    if (services.has(host)) return true;
    return [...services.keys()].some((known) => (isWildcard(host) || isWildcard(known)) && overlap(host, known));
  });
}

function groupOf(scope: Scope, routing: Routing, services: ReadonlyMap<string, Service>, port: number): Group | undefined {
  const routes = routesOf(scope, routing, port);
  if (routes.length === 0) return undefined;
  const members: Service[] = [];
  const hosts: string[] = [];
  const [patterns, exact] = [routing.hosts.filter(isWildcard), routing.hosts.filter((host) => !isWildcard(host))];
  for (const host of exact) {
    const service = services.get(host.toLowerCase());
    if (service) members.push(service);
    else hosts.push(host);
  }
  for (const pattern of patterns) {
    const covered = [...services].filter(([host]) => overlap(host, pattern.toLowerCase()));
    if (covered.length === 0) hosts.push(pattern);
    // A service belongs to the VirtualService with the most specific host for it.
    for (const [host, service] of covered) if (scope.mostSpecific.get(host) === routing.resource) members.push(service);
  }
  const routed = members.filter((service) => isRouted(service, port));
  if (routed.length === 0 && port !== PLAIN_HTTP) return undefined;
  return { services: routed, hosts, routes };
}

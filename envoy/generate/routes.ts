import { any, type Message, message } from '../json.ts';
import { formatDuration } from '../policy/duration.ts';
import { completeHost, covers } from '../policy/hosts.ts';
import { destinationRuleFor } from '../policy/lookup.ts';
import type { Mesh } from '../policy/mesh.ts';
import type { VirtualService } from '../policy/resources.ts';
import type { Destination, HttpMatch, HttpRoute } from '../policy/schema.ts';
import { type Labelled, type Service, type ServicePort, selects } from '../policy/services.ts';
import { hashPolicy } from './balancer.ts';
import { routeMatch } from './match.ts';
import { outboundCluster } from './names.ts';
import { retryPolicy } from './retry.ts';

/** The Envoy route configurations of a workload's sidecar, as Istio makes them: one for each port number, named after it. */
export function routesFor(mesh: Mesh, proxy: Labelled): Message[] {
  const ports = new Set(mesh.services.flatMap((service) => service.ports).map((port) => port.number));
  return [...ports].map((number) => ({
    name: String(number),
    virtual_hosts: mesh.services.flatMap((service) =>
      service.ports
        .filter((port) => port.number === number && ['GRPC', 'HTTP', 'HTTP2'].includes(port.protocol))
        .map((port) => virtualHost(mesh, proxy, service, port)),
    ),
    ignore_port_in_host_matching: true,
    validate_clusters: false,
  }));
}

function virtualHost(mesh: Mesh, proxy: Labelled, service: Service, port: ServicePort): Message {
  const virtual = mesh.virtualServices.find((candidate) =>
    (candidate.spec.hosts ?? []).some((host) => covers(completeHost(host, candidate.namespace, mesh.domain), service.host)),
  );
  return {
    name: `${service.host}:${port.number}`,
    domains: domainsOf(service.host, proxy.namespace),
    include_request_attempt_count: true,
    routes: virtual ? routesOf(mesh, proxy, virtual, port) : [defaultRoute(mesh, proxy, service, port)],
  };
}

/** The names under which a workload of a namespace can address a host: `car` only from the same namespace. */
function domainsOf(host: string, namespace: string): string[] {
  const [name, space, svc, ...domain] = host.split('.');
  if (svc !== 'svc' || domain.length === 0) return [host];
  return [host, `${host}.`, ...(space === namespace ? [`${name}`] : []), `${name}.${space}`, `${name}.${space}.svc`];
}

function defaultRoute(mesh: Mesh, proxy: Labelled, service: Service, port: ServicePort): Message {
  return {
    name: 'default',
    match: routeMatch(undefined),
    route: message({
      cluster: outboundCluster(port.number, '', service.host),
      timeout: '0s',
      max_grpc_timeout: '0s',
      retry_policy: retryPolicy(undefined, false),
      hash_policy: hashPolicy(destinationRuleFor(mesh, proxy, service)?.trafficPolicy?.loadBalancer),
    }),
    decorator: { operation: `${service.host}:${port.number}/*` },
  };
}

function routesOf(mesh: Mesh, proxy: Labelled, virtual: VirtualService, port: ServicePort): Message[] {
  return (virtual.spec.http ?? []).flatMap((route) => {
    if (!route.match || route.match.length === 0) return [routeOf(mesh, proxy, virtual, route, undefined, port)];
    return route.match
      .filter((match) => selects(match.sourceLabels ?? {}, proxy.labels))
      .map((match) => routeOf(mesh, proxy, virtual, route, match, port));
  });
}

function routeOf(
  mesh: Mesh,
  proxy: Labelled,
  virtual: VirtualService,
  route: HttpRoute,
  match: HttpMatch | undefined,
  port: ServicePort,
): Message {
  const timeout = route.timeout === undefined ? '0s' : formatDuration(route.timeout);
  const destinations = (route.route ?? []).filter((entry) => (route.route ?? []).length === 1 || (entry.weight ?? 0) > 0);
  const cluster = (destination: Destination): string =>
    outboundCluster(
      destination.port?.number ?? port.number,
      destination.subset ?? '',
      completeHost(destination.host, virtual.namespace, mesh.domain),
    );
  const [only] = destinations;
  const first = mesh.services.find(
    (service) => only && completeHost(only.destination.host, virtual.namespace, mesh.domain) === service.host,
  );
  return message({
    name: route.name,
    match: routeMatch(match),
    route: message({
      ...(destinations.length === 1 && only
        ? { cluster: cluster(only.destination) }
        : {
            weighted_clusters: {
              clusters: destinations.map((entry) => ({ name: cluster(entry.destination), weight: entry.weight ?? 0 })),
            },
          }),
      timeout,
      max_grpc_timeout: timeout,
      retry_policy: retryPolicy(route.retries, false),
      hash_policy: first && hashPolicy(destinationRuleFor(mesh, proxy, first)?.trafficPolicy?.loadBalancer),
    }),
    ...headerFields(route.headers),
    typed_per_filter_config: faultConfig(route.fault),
  });
}

function headerFields(headers: HttpRoute['headers']): Message {
  const add = (fields: Record<string, string> | undefined, overwrite: boolean): Message[] =>
    Object.entries(fields ?? {}).map(([key, value]) =>
      message({ header: { key, value }, append_action: overwrite ? 'OVERWRITE_IF_EXISTS_OR_ADD' : undefined }),
    );
  const orNone = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);
  const { request, response } = headers ?? {};
  return message({
    request_headers_to_add: orNone([...add(request?.set, true), ...add(request?.add, false)]),
    request_headers_to_remove: orNone(request?.remove ?? []),
    response_headers_to_add: orNone([...add(response?.set, true), ...add(response?.add, false)]),
    response_headers_to_remove: orNone(response?.remove ?? []),
  });
}

/** gRPC statuses by the names that VirtualService uses. */
const GRPC_STATUS: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

function faultConfig(fault: HttpRoute['fault']): Message | undefined {
  if (!fault) return undefined;
  const percentage = (value: number | undefined) => ({ numerator: Math.round((value ?? 100) * 10_000), denominator: 'MILLION' });
  const { delay, abort } = fault;
  return {
    'envoy.filters.http.fault': any(
      'envoy.extensions.filters.http.fault.v3.HTTPFault',
      message({
        delay: delay && { fixed_delay: formatDuration(delay.fixedDelay ?? 0), percentage: percentage(delay.percentage?.value) },
        abort:
          abort &&
          message({
            http_status: abort.httpStatus,
            grpc_status: abort.grpcStatus === undefined ? undefined : GRPC_STATUS.indexOf(abort.grpcStatus),
            percentage: percentage(abort.percentage?.value),
          }),
      }),
    ),
  };
}

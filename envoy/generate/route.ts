import { type Message, message } from '../json.ts';
import { formatDuration } from '../policy/duration.ts';
import type { Destination } from '../policy/schema/values.ts';
import type { HttpMatch, HttpRoute } from '../policy/schema/virtual-service.ts';
import type { Routing, Scope } from '../policy/scope.ts';
import { isHttp, type Service, selects } from '../policy/services.ts';
import { type ConsistentHash, hashPolicy } from './balancer.ts';
import { perFilterConfig } from './filters.ts';
import { partsOfHundred, partsOfMillion } from './fraction.ts';
import { headerFields, type TranslatedHeaders, translateHeaders } from './headers.ts';
import { isCatchAll, routeMatch } from './match.ts';
import { outboundCluster } from './names.ts';
import { retryPolicy } from './retry.ts';

/** The Envoy routes of a VirtualService on one port, for the calls of one workload. What follows a route that takes everything is left out. */
export function routesOf(scope: Scope, { http }: Routing, port: number): Message[] {
  const routes: Message[] = [];
  for (const route of http) {
    if (!route.match || route.match.length === 0) return [...routes, routeOf(scope, route, undefined, port)];
    for (const match of route.match) {
      if (!concerns(scope, match, port)) continue;
      const made = routeOf(scope, route, match, port);
      routes.push(made);
      if (isCatchAll(routeMatch(match))) return routes;
    }
  }
  return routes;
}

/** The route of a service that no VirtualService is about. */
export function defaultRoute(scope: Scope, service: Service, port: number): Message {
  const hash = hashOfService(scope, service, port);
  const hashed = hashPolicy(hash);
  return {
    name: 'default',
    match: routeMatch(undefined),
    route: message({
      cluster: outboundCluster(port, '', service.host),
      ...timeouts(undefined),
      retry_policy: retryPolicy(undefined, false),
      hash_policy: hashed && [hashed],
    }),
  };
}

/** Whether a match can be met by the workload: by its labels and namespace, on this port, inside the mesh. */
function concerns({ proxy }: Scope, match: HttpMatch, port: number): boolean {
  if (match.port && match.port !== port) return false;
  if (match.gateways && match.gateways.length > 0) return match.gateways.includes('mesh');
  return selects(match.sourceLabels ?? {}, proxy.labels) && (!match.sourceNamespace || match.sourceNamespace === proxy.namespace);
}

function routeOf(scope: Scope, route: HttpRoute, match: HttpMatch | undefined, port: number): Message {
  const name = match?.name ? `${route.name ?? ''}.${match.name}` : route.name;
  const headers = translateHeaders(route.headers);
  const action = actionOf(scope, route, headers, port);
  return message({
    name: name || undefined,
    match: routeMatch(match),
    ...action.fields,
    ...headerFields(headers, action.headers),
    typed_per_filter_config: perFilterConfig(route),
    stat_prefix: match?.statPrefix || undefined,
  });
}

interface Action {
  readonly fields: Message;
  /** Operations of the only destination: Envoy has them on the route. */
  readonly headers?: TranslatedHeaders | undefined;
}

function actionOf(scope: Scope, route: HttpRoute, headers: TranslatedHeaders, port: number): Action {
  if (route.redirect) return { fields: redirect(route.redirect, port) };
  if (route.directResponse) return { fields: { direct_response: directResponse(route.directResponse) } };
  const destinations = route.route ?? [];
  const [only] = destinations;
  const hashes = destinations.map(({ destination }) => hashOfDestination(scope, destination));
  const authority = route.rewrite?.authority || headers.authority;
  const single = destinations.length === 1 && only ? only : undefined;
  const own = single && translateHeaders(single.headers);
  const used = hashes
    .filter((_, i) => single !== undefined || (destinations[i]?.weight ?? 0) > 0)
    .map(hashPolicy)
    .filter((policy) => policy !== undefined);
  const mirrors = mirrorPolicies(route, port);
  const fields = message({
    ...(single ? { cluster: clusterOf(single.destination, port) } : { weighted_clusters: weightedClusters(destinations, port) }),
    ...timeouts(route.timeout),
    retry_policy: retryPolicy(route.retries, single !== undefined && hashes[0] !== undefined),
    hash_policy: used.length > 0 ? used : undefined,
    ...rewrite(route.rewrite),
    host_rewrite_literal: authority || own?.authority,
    request_mirror_policies: mirrors.length > 0 ? mirrors : undefined,
  });
  return { fields: { route: fields }, headers: own };
}

function timeouts(timeout: number | undefined): Message {
  const text = formatDuration(timeout ?? 0);
  // max_grpc_timeout 0 lets a caller's grpc-timeout hold as it is; otherwise it is capped.
  return { timeout: text, max_grpc_timeout: text };
}

function weightedClusters(destinations: NonNullable<HttpRoute['route']>, port: number): Message {
  return {
    clusters: destinations
      .filter(({ weight }) => (weight ?? 0) !== 0)
      .map(({ destination, weight, headers }) => {
        const operations = translateHeaders(headers);
        return message({
          name: clusterOf(destination, port),
          weight: weight ?? 0,
          ...headerFields(operations),
          host_rewrite_literal: operations.authority,
        });
      }),
  };
}

/** The cluster of a destination: without a port, the one that was called. */
function clusterOf(destination: Destination, port: number): string {
  return outboundCluster(destination.port?.number ?? port, destination.subset ?? '', destination.host);
}

function rewrite(settings: HttpRoute['rewrite']): Message {
  const regex = settings?.uriRegexRewrite;
  if (regex) return { regex_rewrite: { pattern: { regex: regex.match ?? '' }, substitution: regex.rewrite ?? '' } };
  return settings?.uri ? { prefix_rewrite: settings.uri } : {};
}

function mirrorPolicies(route: HttpRoute, port: number): Message[] {
  const policies: Message[] = [];
  const add = (destination: Destination, share: Message | undefined): void => {
    if (!share) return;
    policies.push({
      cluster: clusterOf(destination, port),
      runtime_fraction: { default_value: share },
      trace_sampled: false,
      disable_shadow_host_suffix_append: true,
    });
  };
  const percent = route.mirrorPercent ?? route.mirror_percent;
  if (route.mirror) {
    if (route.mirrorPercentage) add(route.mirror, route.mirrorPercentage.value ? partsOfMillion(route.mirrorPercentage.value) : undefined);
    else add(route.mirror, percent === 0 ? undefined : partsOfHundred(percent ?? 100));
  }
  for (const { destination, percentage } of route.mirrors ?? []) {
    if (percentage) add(destination, percentage.value ? partsOfMillion(percentage.value) : undefined);
    else add(destination, partsOfHundred(100));
  }
  return policies;
}

const REDIRECT_CODES: Readonly<Record<number, string | undefined>> = {
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
};

function redirect(settings: NonNullable<HttpRoute['redirect']>, port: number): Message {
  const code = settings.redirectCode || 301;
  // A code that Envoy has no name for leaves the route without an action.
  if (code !== 301 && REDIRECT_CODES[code] === undefined) return {};
  const wanted = settings.derivePort === 'FROM_REQUEST_PORT' ? port : settings.port;
  const scheme = settings.scheme || 'http';
  const isDefault = (wanted === 80 && scheme === 'http') || (wanted === 443 && scheme === 'https');
  return {
    redirect: message({
      host_redirect: settings.authority || undefined,
      ...(settings.prefixRewrite ? { prefix_rewrite: settings.prefixRewrite } : { path_redirect: settings.uri ?? '' }),
      scheme_redirect: settings.scheme || undefined,
      port_redirect: isDefault ? undefined : wanted || undefined,
      response_code: REDIRECT_CODES[code],
    }),
  };
}

function directResponse({ status, body }: NonNullable<HttpRoute['directResponse']>): Message {
  const text = body?.string === undefined ? undefined : { inline_string: body.string };
  const bytes = body?.bytes === undefined ? undefined : { inline_bytes: body.bytes };
  return message({ status: status || undefined, body: text ?? bytes });
}

/** The hash of a service without VirtualService: its port's setting before the rule's. */
function hashOfService(scope: Scope, service: Service, port: number): ConsistentHash | undefined {
  // Rules are found by the host as it is written, routes by its lower-case form.
  const written = scope.service(service.host);
  const policy = written && scope.rule(written)?.trafficPolicy;
  const settings = policy?.portLevelSettings?.find((entry) => entry.port?.number === port);
  return settings?.loadBalancer?.consistentHash ?? policy?.loadBalancer?.consistentHash;
}

/** The hash of a route's destination: the subset's setting before the rule's; a port's counts only where the destination names the port. */
function hashOfDestination(scope: Scope, destination: Destination): ConsistentHash | undefined {
  const service = scope.service(destination.host);
  const rule = service && scope.rule(service);
  if (!rule) return undefined;
  const ofPort = (policy: typeof rule.trafficPolicy): ConsistentHash | undefined =>
    destination.port &&
    policy?.portLevelSettings?.find((entry) => entry.port?.number === destination.port?.number)?.loadBalancer?.consistentHash;
  const subset = rule.subsets.find(({ name }) => name === (destination.subset ?? ''))?.trafficPolicy;
  return (
    ofPort(subset) ?? subset?.loadBalancer?.consistentHash ?? ofPort(rule.trafficPolicy) ?? rule.trafficPolicy?.loadBalancer?.consistentHash
  );
}

/** Whether a service is routed by HTTP routes on a port. */
export function isRouted(service: Service, port: number): boolean {
  return service.ports.some((own) => own.number === port && isHttp(own));
}

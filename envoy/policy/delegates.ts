import { completeHost } from './hosts.ts';
import type { Mesh } from './mesh.ts';
import type { VirtualService } from './resources.ts';
import type { Destination, StringMatch } from './schema/values.ts';
import type { HttpMatch, HttpRoute } from './schema/virtual-service.ts';
import { visibilityIn } from './visibility.ts';

/**
 * The HTTP routes of a VirtualService with complete destination hosts. A route that delegates is replaced by the routes of the delegate, each
 * narrowed by the route's own matches; a delegate that is missing, not exported here or contradicting drops out, as in Istio.
 */
export function delegated(mesh: Mesh, root: VirtualService): HttpRoute[] {
  return completed(mesh, root).flatMap((route) => {
    if (!route.delegate) return [route];
    const namespace = route.delegate.namespace || root.namespace;
    const delegate = mesh.virtualServices.find(
      (candidate) =>
        (candidate.spec.hosts ?? []).length === 0 && candidate.namespace === namespace && candidate.name === (route.delegate?.name ?? ''),
    );
    if (!delegate || visibilityIn(root.namespace, delegate.namespace, delegate.spec.exportTo) === undefined) return [];
    return completed(mesh, delegate).flatMap((inner) => {
      const merged = mergeRoute(route, inner);
      return merged ? [merged] : [];
    });
  });
}

function completed(mesh: Mesh, virtual: VirtualService): HttpRoute[] {
  const complete = (destination: Destination): Destination => ({
    ...destination,
    host: completeHost(destination.host, virtual.namespace, mesh.domain),
  });
  return (virtual.spec.http ?? []).map((route) => ({
    ...route,
    ...(route.route && { route: route.route.map((entry) => ({ ...entry, destination: complete(entry.destination) })) }),
    ...(route.mirror && { mirror: complete(route.mirror) }),
    ...(route.mirrors && { mirrors: route.mirrors.map((entry) => ({ ...entry, destination: complete(entry.destination) })) }),
  }));
}

function mergeRoute(root: HttpRoute, inner: HttpRoute): HttpRoute | undefined {
  const match = mergeMatches(root.match ?? [], inner.match ?? []);
  if (!match) return undefined;
  return {
    ...inner,
    match,
    name: joined(root.name, inner.name),
    rewrite: inner.rewrite ?? root.rewrite,
    directResponse: inner.directResponse ?? root.directResponse,
    timeout: inner.timeout ?? root.timeout,
    retries: inner.retries ?? root.retries,
    fault: inner.fault ?? root.fault,
    mirror: inner.mirror ?? root.mirror,
    mirrorPercent: inner.mirrorPercent ?? root.mirrorPercent,
    mirrorPercentage: inner.mirrorPercentage ?? root.mirrorPercentage,
    corsPolicy: inner.corsPolicy ?? root.corsPolicy,
    mirrors: inner.mirrors ?? root.mirrors,
    headers: inner.headers ?? root.headers,
  };
}

function joined(root: string | undefined, inner: string | undefined): string | undefined {
  return root && inner ? `${root}-${inner}` : inner || root;
}

/** Every match of the delegate has to lie within one of the root's; undefined if one does not. */
function mergeMatches(root: readonly HttpMatch[], inner: readonly HttpMatch[]): HttpMatch[] | undefined {
  if (root.length === 0) return [...inner];
  if (inner.length === 0) return [...root];
  const merged: HttpMatch[] = [];
  for (const match of inner) {
    const within = root.filter((candidate) => !contradicts(candidate, match));
    if (within.length === 0) return undefined;
    merged.push(...within.map((candidate) => mergeMatch(candidate, match)));
  }
  return merged;
}

function mergeMatch(root: HttpMatch, inner: HttpMatch): HttpMatch {
  return {
    ...inner,
    name: joined(root.name, inner.name),
    uri: inner.uri ?? root.uri,
    scheme: inner.scheme ?? root.scheme,
    method: inner.method ?? root.method,
    authority: inner.authority ?? root.authority,
    headers: { ...root.headers, ...inner.headers },
    withoutHeaders: { ...root.withoutHeaders, ...inner.withoutHeaders },
    queryParams: { ...root.queryParams, ...inner.queryParams },
    port: inner.port || root.port,
    sourceLabels: { ...root.sourceLabels, ...inner.sourceLabels },
    sourceNamespace: inner.sourceNamespace || root.sourceNamespace,
    gateways: inner.gateways && inner.gateways.length > 0 ? inner.gateways : root.gateways,
    statPrefix: inner.statPrefix || root.statPrefix,
  };
}

function contradicts(root: HttpMatch, inner: HttpMatch): boolean {
  const each = (a: Readonly<Record<string, StringMatch>> = {}, b: Readonly<Record<string, StringMatch>> = {}): boolean =>
    Object.entries(b).some(([key, value]) => outside(a[key], value));
  return (
    outside(root.uri, inner.uri) ||
    outside(root.scheme, inner.scheme) ||
    outside(root.method, inner.method) ||
    outside(root.authority, inner.authority) ||
    each(root.headers, inner.headers) ||
    each(root.withoutHeaders, inner.withoutHeaders) ||
    each(root.queryParams, inner.queryParams) ||
    (root.ignoreUriCase ?? false) !== (inner.ignoreUriCase ?? false) ||
    Boolean(root.port && inner.port && root.port !== inner.port) ||
    Boolean(root.sourceNamespace && inner.sourceNamespace !== root.sourceNamespace) ||
    Object.entries(inner.sourceLabels ?? {}).some(([key, value]) => (root.sourceLabels?.[key] ?? value) !== value) ||
    gatewaysContradict(root.gateways ?? [], inner.gateways ?? [])
  );
}

function gatewaysContradict(root: readonly string[], inner: readonly string[]): boolean {
  if (root.length === 0 || inner.length === 0) return false;
  return root.length < inner.length || inner.some((gateway) => !root.includes(gateway));
}

/** Whether what the inner match accepts is not surely within what the root accepts. */
function outside(root: StringMatch | undefined, inner: StringMatch | undefined): boolean {
  if (!root || !inner) return false;
  if (root.regex && (inner.regex || inner.prefix || inner.exact)) return true;
  if (inner.regex && (root.regex || root.prefix || root.exact)) return true;
  if (root.exact) return Boolean(inner.prefix) || (inner.exact ?? '') !== root.exact;
  if (root.prefix && (inner.prefix || inner.exact)) return !(inner.prefix || inner.exact || '').startsWith(root.prefix);
  return true;
}

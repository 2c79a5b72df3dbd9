import { outboundTargets } from '../../envoy/generate/clusters.ts';
import { delegated } from '../../envoy/policy/delegates.ts';
import type { Mesh } from '../../envoy/policy/mesh.ts';
import type { DestinationRule, VirtualService } from '../../envoy/policy/resources.ts';
import type { TrafficPolicy } from '../../envoy/policy/schema/destination-rule.ts';
import type { HttpRoute } from '../../envoy/policy/schema/virtual-service.ts';
import type { Routing, Scope } from '../../envoy/policy/scope.ts';
import type { Service } from '../../envoy/policy/services.ts';
import type { Path } from '../../envoy/policy/source.ts';

// The generator works with values. This finds out again where a value was written, so that people can be shown the line.

/** A line of a policy file. */
export interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** A route of a VirtualService, with delegates put in place, and where it stands. */
export interface TracedRoute {
  readonly route: HttpRoute;
  readonly resource: VirtualService;
  /** The place of a field: of the delegate's if that sets it, else of the root's, else of the route itself. */
  place(...field: Path): Place;
}

/** The routes of a VirtualService in their order. */
export function tracedRoutes(mesh: Mesh, { resource }: Routing): TracedRoute[] {
  return (resource.spec.http ?? []).flatMap((route, i) => {
    const alone = { ...resource, spec: { ...resource.spec, http: [route] } };
    const own: Origin = { resource, path: ['spec', 'http', i] };
    if (!route.delegate) return traced(delegated(mesh, alone), [own]);
    const { name = '', namespace = resource.namespace } = route.delegate;
    const delegate = mesh.virtualServices.find(
      (other) => (other.spec.hosts ?? []).length === 0 && other.name === name && other.namespace === (namespace || resource.namespace),
    );
    return (delegate?.spec.http ?? []).flatMap((inner, j) => {
      if (!delegate) return [];
      const only = { ...delegate, spec: { ...delegate.spec, http: [inner] } };
      const others = mesh.virtualServices.filter((other) => other !== delegate);
      const routes = delegated({ ...mesh, virtualServices: [only, ...others] }, alone);
      return traced(routes, [{ resource: delegate, path: ['spec', 'http', j] }, own]);
    });
  });
}

interface Origin {
  readonly resource: VirtualService;
  readonly path: Path;
}

function traced(routes: readonly HttpRoute[], origins: readonly [Origin, ...Origin[]]): TracedRoute[] {
  return routes.map((route) => ({
    route,
    resource: origins[0].resource,
    place(...field) {
      const written = origins.find(({ resource, path }) => valueAt(resource, [...path, ...field]) !== undefined) ?? origins[0];
      return lineOf(written.resource, [...written.path, ...field]);
    },
  }));
}

function valueAt({ source }: VirtualService, path: Path): unknown {
  return path.reduce<unknown>((node, step) => Object.entries(node ?? {}).find(([key]) => key === String(step))?.[1], source.value);
}

/** Where a field of an object stands; the path starts at the object's top. */
export function lineOf({ source }: Pick<DestinationRule, 'source'>, path: Path): Place {
  return { file: source.file, line: source.line(path) };
}

/** The policy for a caller's calls to one port of a service or to one subset, and where its parts stand. */
export interface TracedPolicy {
  readonly policy: TrafficPolicy | undefined;
  /** Labels of the subset, if it is about one. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** The DestinationRules that it was made from, the one whose policy won first. */
  readonly rules: readonly DestinationRule[];
  /** The place of a field of one of its blocks; undefined if the block is not one of these rules'. */
  place(block: object | undefined, ...field: Path): Place | undefined;
}

/** Looks up what holds for the calls of the scope's workload. Undefined if there is no such port or subset. */
export function tracedPolicy(scope: Scope, service: Service, port: number, subset = ''): TracedPolicy | undefined {
  const target = outboundTargets(scope, service).find((each) => each.port.number === port && (each.subset?.name ?? '') === subset);
  if (!target) return undefined;
  const rules = scope.rule(service)?.rules ?? [];
  return { policy: target.policy, labels: target.subset?.labels, rules, place: placeIn(rules) };
}

/** Finds a block by identity: policies are put together from blocks of the rules, which stay the objects that they were. */
export function placeIn(rules: readonly DestinationRule[]): TracedPolicy['place'] {
  return (block, ...field) => {
    if (block === undefined) return undefined;
    for (const rule of rules) {
      const path = pathTo(rule.spec, block);
      if (path) return lineOf(rule, ['spec', ...path, ...field]);
    }
    return undefined;
  };
}

function pathTo(node: unknown, wanted: object): Path | undefined {
  if (node === wanted) return [];
  if (node === null || typeof node !== 'object') return undefined;
  for (const [key, value] of Object.entries(node)) {
    const below = pathTo(value, wanted);
    if (below) return [Array.isArray(node) ? Number(key) : key, ...below];
  }
  return undefined;
}

import { RE2JS } from 're2js';
import type { Mesh } from '../../envoy/policy/mesh.ts';
import type { StringMatch } from '../../envoy/policy/schema/values.ts';
import type { HttpMatch } from '../../envoy/policy/schema/virtual-service.ts';
import { selects } from '../../envoy/policy/services.ts';
import type { NamedCaller } from './callers.ts';
import { type TracedRoute, tracedRoutes } from './trace.ts';

/** A gRPC call as far as routes can tell calls apart. */
export interface Call {
  readonly caller: NamedCaller;
  /** Host of the service that is called. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** A route that a call can take. */
export interface Candidate {
  readonly traced: TracedRoute;
  /** Which of the route's matches it is; undefined if the route has none. */
  readonly match: number | undefined;
  /** What a request has to be like beyond its path, in words: `header end-user is "jason"`. Empty if the call surely takes it. */
  readonly conditions: readonly string[];
}

/** Where a call goes. */
export interface Resolution {
  /** Whether a VirtualService is about the host; without one Istio's default route is taken. */
  readonly isRouted: boolean;
  /** Routes that are taken under conditions, in their order, before `certain`. */
  readonly conditional: readonly Candidate[];
  /** The route that every other call takes; undefined if there is none: such a call fails. */
  readonly certain: Candidate | undefined;
}

/** Finds the routes for a call, as the caller's sidecar looks for them: the first that fits. */
export function resolve(mesh: Mesh, call: Call): Resolution {
  const { scope } = call.caller;
  const chosen = scope.mostSpecific.get(call.host);
  const routing = scope.virtualServices.find(({ resource }) => resource === chosen);
  if (!routing) return { isRouted: false, conditional: [], certain: undefined };
  const conditional: Candidate[] = [];
  for (const traced of tracedRoutes(mesh, routing)) {
    const matches = traced.route.match ?? [];
    if (matches.length === 0) return { isRouted: true, conditional, certain: { traced, match: undefined, conditions: [] } };
    for (const [i, match] of matches.entries()) {
      const conditions = conditionsOf(match, call);
      if (!conditions) continue;
      if (conditions.length === 0) return { isRouted: true, conditional, certain: { traced, match: i, conditions } };
      conditional.push({ traced, match: i, conditions });
    }
  }
  return { isRouted: true, conditional, certain: undefined };
}

/** Every route that a call can take. */
export function candidates(mesh: Mesh, call: Call): Candidate[] {
  const { conditional, certain } = resolve(mesh, call);
  return certain ? [...conditional, certain] : [...conditional];
}

/** What has to hold beyond what is known of the call; undefined if it cannot match. */
function conditionsOf(match: HttpMatch, { caller, host, port, path }: Call): string[] | undefined {
  if (match.port && match.port !== port) return undefined;
  if (match.gateways && match.gateways.length > 0) {
    // As in the generator: a match that names gateways is not narrowed by the caller's labels.
    if (!match.gateways.includes('mesh')) return undefined;
  } else if (!selects(match.sourceLabels ?? {}, caller.labels) || (match.sourceNamespace && match.sourceNamespace !== caller.namespace)) {
    return undefined;
  }
  const known: readonly [StringMatch | undefined, string, (boolean | undefined)?][] = [
    [match.uri, path, match.ignoreUriCase],
    [match.method, 'POST'],
    [match.scheme, 'http'],
    [match.authority, `${host}:${port}`],
  ];
  if (known.some(([expected, value, ignoreCase]) => expected && !accepts(expected, value, ignoreCase))) return undefined;
  // A gRPC call has no query.
  if (Object.keys(match.queryParams ?? {}).length > 0) return undefined;
  return [
    ...Object.entries(match.headers ?? {}).map(([name, value]) => `header ${name} ${inWords(value)}`),
    ...Object.entries(match.withoutHeaders ?? {}).map(([name, value]) => `not: header ${name} ${inWords(value)}`),
  ];
}

/** Whether a value is what a match wants. A match that names nothing wants only that it is there. */
export function accepts({ exact, prefix, regex }: StringMatch, value: string, ignoreCase = false): boolean {
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  if (exact !== undefined) return fold(value) === fold(exact);
  if (prefix !== undefined) return fold(value).startsWith(fold(prefix));
  return regex === undefined || RE2JS.matches(regex, value);
}

function inWords({ exact, prefix, regex }: StringMatch): string {
  if (exact !== undefined) return `is "${exact}"`;
  if (prefix !== undefined) return `begins with "${prefix}"`;
  return regex === undefined || regex === '*' ? 'is there' : `matches ${regex}`;
}

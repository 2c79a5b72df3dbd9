import { isMessage, type Json, type Message } from '../json.ts';

/**
 * Returns the policy's routes for a method, in order, the last of which takes every call; undefined if the front cannot apply them itself.
 * @param host the method's host in the mesh, with its port
 * @param path `/package.Service/Method`
 */
export type PolicyRoutes = (host: string, path: string) => readonly Message[] | undefined;

/** Finds policy routes in the route configuration of the edge's outbound listener. */
export function policyRoutes(configuration: Message): PolicyRoutes {
  return (host, path) => {
    const virtualHost = messages(configuration.virtual_hosts).find(({ domains }) => Array.isArray(domains) && domains.includes(host));
    const chosen: Message[] = [];
    for (const route of messages(virtualHost?.routes)) {
      const match = isMessage(route.match) ? route.match : {};
      const takes = takesPath(match, path);
      if (takes === false) continue;
      if (takes === undefined || !isPlain(route, match)) return undefined;
      chosen.push(route);
      if (match.headers === undefined && match.query_parameters === undefined) return chosen;
    }
    // Without a route for every call the outbound listener refuses what is left.
    return undefined;
  };
}

/** Returns undefined for an RE2 expression: JavaScript's expressions differ from it. */
function takesPath({ path: exact, prefix, case_sensitive: isCaseSensitive }: Message, path: string): boolean | undefined {
  const fold = (text: string): string => (isCaseSensitive === false ? text.toLowerCase() : text);
  if (typeof exact === 'string') return fold(exact) === fold(path);
  return typeof prefix === 'string' ? fold(path).startsWith(fold(prefix)) : undefined;
}

/** Fields of a route whose meaning does not depend on the listener. Faults, CORS, redirects, direct responses and rewrites are not among them. */
const PLAIN_ROUTE = new Set([
  'name',
  'match',
  'route',
  'request_headers_to_add',
  'request_headers_to_remove',
  'response_headers_to_add',
  'response_headers_to_remove',
]);
const PLAIN_ACTION = new Set([
  'cluster',
  'weighted_clusters',
  'timeout',
  'max_grpc_timeout',
  'retry_policy',
  'hash_policy',
  'host_rewrite_literal',
  'request_mirror_policies',
]);

function isPlain(route: Message, match: Message): boolean {
  return (
    isMessage(route.route) &&
    Object.keys(route).every((field) => PLAIN_ROUTE.has(field)) &&
    Object.keys(route.route).every((field) => PLAIN_ACTION.has(field)) &&
    messages(match.headers).every(({ name }) => !CHANGED_BEHIND_FRONT.test(String(name)))
  );
}

/** Headers that have other values at the outbound listener than at the front. */
const CHANGED_BEHIND_FRONT = /^(:authority|:scheme|host|grpc-timeout|x-envoy-.*|x-forwarded-.*)$/i;

function messages(list: Json | undefined): readonly Message[] {
  return Array.isArray(list) ? list.filter(isMessage) : [];
}

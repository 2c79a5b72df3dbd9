import { isMessage, type Message, message } from '../json.ts';
import { COMPLETION } from './completion.ts';
import { bindingName } from './contract.ts';
import { corsPolicy } from './cors.ts';
import type { PolicyRoutes } from './direct.ts';
import { fieldsOnRoute } from './fields.ts';
import { COUNTED, GRPC_WITH_DEADLINE, GRPC_WITH_JSON, restOnRoute, STREAM_BY_GATEWAY } from './filters.ts';
import type { PublicMethod, RestBinding } from './image.ts';
import { directLimits, type Limits, routeLimits } from './limits.ts';
import { readTemplate } from './template.ts';
import { unwrapOnRoute } from './unwrap.ts';

/** Who speaks Connect and gRPC-Web for all public services, answers their health and reflection, and has the pages. */
const GATEWAY = 'gateway.edge.svc.cluster.local:50051';

/** Name of the cluster of the outbound listener, for routes that the front does not apply itself. */
export const MESH_CLUSTER = 'mesh';

/** The host in the mesh that serves a protobuf package `<system>.<service>.v1`. */
export function meshHost(protoPackage: string): string {
  const [system = '', service = ''] = protoPackage.split('.');
  return `${service}.${system}.svc.cluster.local:50051`;
}

/** The web app and the API page. */
const PAGES: readonly Message[] = [
  { path: '/' },
  { path: '/favicon.ico' },
  { path: '/app' },
  { prefix: '/app/' },
  { path: '/docs' },
  { prefix: '/docs/' },
  { prefix: '/openapi.' },
];

/** What the front's routes are made from. */
export interface RouteOptions {
  readonly methods: readonly PublicMethod[];
  readonly limits: Limits;
  /** Sites whose scripts may call; see corsPolicy. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** The policy that the front applies to gRPC and REST. Without it a sidecar behind the front applies the policy to all calls. */
  readonly policy?: PolicyRoutes | undefined;
}

/** Returns the front's route configuration: gRPC, then Connect and gRPC-Web, the pages, REST, and nothing else. */
export function frontRoutes(options: RouteOptions): Message {
  // Routes may be newer than the clusters that they name.
  return { name: 'front', validate_clusters: false, virtual_hosts: [virtualHost(options)] };
}

function virtualHost({ methods, limits, corsOrigins, policy = () => undefined }: RouteOptions): Message {
  return {
    name: 'front',
    // As on the virtual hosts of the outbound listener: services read x-envoy-attempt-count.
    include_request_attempt_count: true,
    domains: ['*'],
    typed_per_filter_config: { 'envoy.filters.http.cors': corsPolicy(corsOrigins) },
    // Of the sidecar behind; what the edge's own router adds is suppressed there.
    response_headers_to_remove: ['x-envoy-upstream-service-time'],
    routes: [
      ...methods.flatMap((method) => toService(method, limits, policy)),
      ...methods.filter(({ streams }) => !streams).map(({ path }) => withJson(path, limits)),
      // Whatever else comes to a method's path is a stream, Connect or gRPC-Web, or something that the gateway refuses in the form of these.
      ...methods.map(({ path, streams }) => toGateway(`${path.slice(1)} by the gateway`, { path }, limits, streams)),
      ...PAGES.map((match) => toGateway(`page ${Object.values(match).join('')}`, match, limits, false)),
      ...['/grpc.health.', '/grpc.reflection.'].map((prefix) => toGateway(prefix, { prefix, grpc: {} }, limits, true)),
      ...restRoutes(methods, limits),
      notOffered(limits),
    ],
  };
}

/**
 * gRPC, as it is. A request of REST takes this route too, after the transcoder. A stream of gRPC goes by the gateway, which can end it with a status when
 * its deadline has passed or its service is gone; Envoy can only reset it, which a caller takes for INTERNAL. For a stream of REST a reset is right: its
 * caller has no other way to see that lines are missing.
 */
function toService(method: PublicMethod, limits: Limits, policy: PolicyRoutes): Message[] {
  const host = meshHost(method.package);
  const headers = method.streams ? [...GRPC_OF_SERVICES, TRANSCODED] : GRPC_OF_SERVICES;
  const chosen = policy(host, method.path);
  if (chosen) return chosen.flatMap((route) => direct(method, { host, headers }, route, limits));
  return [
    {
      name: method.path.slice(1),
      match: { path: method.path, headers },
      route: { ...toMesh(host), ...routeLimits(limits, method.streams) },
      metadata: { filter_metadata: unwrapOnRoute(method) },
    },
  ];
}

/** A route of the policy, for the calls of one method. */
function direct(
  { path, streams, ...method }: PublicMethod,
  { host, headers }: { readonly host: string; readonly headers: readonly Message[] },
  { match, route, ...operations }: Message,
  limits: Limits,
): Message[] {
  const action = isMessage(route) ? route : {};
  const policyMatch = isMessage(match) ? match : {};
  const { milliseconds, fields } = directLimits(limits, streams, String(action.timeout));
  const made = (more: readonly Message[], filters: Message): Message => ({
    ...operations,
    name: path.slice(1),
    match: message({
      path,
      headers: [...headers, ...(Array.isArray(policyMatch.headers) ? policyMatch.headers : []), ...more],
      query_parameters: policyMatch.query_parameters,
    }),
    route: { host_rewrite_literal: host, ...action, ...fields },
    metadata: { filter_metadata: { ...unwrapOnRoute(method), [COMPLETION]: { timeout: milliseconds } } },
    typed_per_filter_config: filters,
  });
  return [made([{ name: 'grpc-timeout', present_match: true }], GRPC_WITH_DEADLINE), made([], COUNTED)];
}

/** gRPC with JSON. */
function withJson(path: string, limits: Limits): Message {
  const match = { path, headers: [{ name: 'content-type', string_match: { exact: 'application/grpc+json' } }] };
  return { ...toGateway(`${path.slice(1)} with JSON`, match, limits, false), typed_per_filter_config: GRPC_WITH_JSON };
}

/** A route to the gateway, which takes and gives the bytes as they are, whatever the caller speaks. */
function toGateway(name: string, match: Message, limits: Limits, streams: boolean): Message {
  const route = { name, match, route: { ...toMesh(GATEWAY), ...routeLimits(limits, streams) } };
  return streams ? { ...route, typed_per_filter_config: STREAM_BY_GATEWAY } : route;
}

/** Where REST requests are until the transcoder has made calls of them, which then take the route of their method. */
function restRoutes(methods: readonly PublicMethod[], limits: Limits): Message[] {
  const bindings = methods.flatMap(({ bindings, streams, bodyField }) =>
    bindings.map((binding) => ({ binding, streams, unwraps: bodyField !== undefined })),
  );
  // `/cars/{car_id}:sell` before `/cars/{car_id}`, whose paths contain those of the first.
  const isVerb = (binding: RestBinding) => Number(readTemplate(binding.template).verb !== undefined);
  return bindings
    .toSorted((one, other) => isVerb(other.binding) - isVerb(one.binding))
    .map(({ binding, streams, unwraps }) => ({
      name: bindingName(binding),
      match: {
        safe_regex: { regex: readTemplate(binding.template).regex },
        headers: [{ name: ':method', string_match: { exact: binding.verb } }],
      },
      route: { ...nowhere, ...routeLimits(limits, streams) },
      metadata: { filter_metadata: fieldsOnRoute(binding) },
      typed_per_filter_config: restOnRoute({ asksForChange: binding.verb === 'GET' && !streams, unwraps }),
    }));
}

/** 404, and UNIMPLEMENTED for gRPC. */
function notOffered(limits: Limits): Message {
  return { name: 'not_offered', match: { prefix: '/' }, route: { ...nowhere, ...routeLimits(limits, false) } };
}

/**
 * What a service takes, which is a server of grpc-js: it looks neither at the HTTP method nor at what the content type says of the codec, nor, as long
 * as a message is not compressed, at the compression. Whatever else there is goes to the gateway, which converts JSON, and refuses the rest.
 */
const GRPC_OF_SERVICES: readonly Message[] = [
  { name: ':method', string_match: { exact: 'POST' } },
  { name: 'content-type', string_match: { safe_regex: { regex: String.raw`application/grpc(\+proto)?` } } },
  {
    name: 'grpc-encoding',
    string_match: { safe_regex: { regex: '(identity|deflate|gzip)?' } },
    treat_missing_header_as_empty: true,
  },
];

/** What the transcoder leaves in a call that it has made of a REST request. */
const TRANSCODED: Message = { name: 'x-envoy-original-path', present_match: true };

/** Leads to a cluster that is not there, rather than answering directly: filters, such as that of CORS, act only where a request would be routed. */
const nowhere: Message = { cluster: 'not_offered', cluster_not_found_response_code: 'NOT_FOUND' };

function toMesh(host: string): Message {
  // How long a call may take is said by the policy, on the mesh's side of the edge.
  return { cluster: MESH_CLUSTER, host_rewrite_literal: host, timeout: '0s' };
}

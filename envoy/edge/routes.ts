import type { Message } from '../json.ts';
import { bindingName } from './contract.ts';
import { corsPolicy } from './cors.ts';
import { fieldsOnRoute } from './fields.ts';
import { GRPC_WITH_JSON, restOnRoute, STREAM_BY_GATEWAY } from './filters.ts';
import type { PublicMethod, RestBinding } from './image.ts';
import { type Limits, routeLimits } from './limits.ts';
import { type EdgeSettings, OWN_HOSTS } from './settings.ts';
import { readTemplate } from './template.ts';
import { unwrapOnRoute } from './unwrap.ts';

/** Who speaks Connect and gRPC-Web for all public services, answers their health and reflection, and has the pages. */
const GATEWAY = 'gateway.edge.svc.cluster.local:50051';

/** Name of the cluster that the front's routes lead to. */
export const MESH_CLUSTER = 'mesh';

/** The host in the mesh that serves a protobuf package `<system>.<service>.v1`. */
export function meshHost(protoPackage: string): string {
  const [system = '', service = ''] = protoPackage.split('.');
  return `${service}.${system}.svc.cluster.local:50051`;
}

const WEB_APP: readonly Message[] = [{ path: '/' }, { path: '/favicon.ico' }, { path: '/app' }, { prefix: '/app/' }];
const API_PAGE: readonly Message[] = [{ path: '/docs' }, { prefix: '/docs/' }, { prefix: '/openapi.' }];

function pages({ offersApiPage }: EdgeSettings): readonly Message[] {
  return offersApiPage ? [...WEB_APP, ...API_PAGE] : WEB_APP;
}

/** Whether the front answers under every host name. */
function takesAllHosts({ hosts }: EdgeSettings): boolean {
  return hosts.includes('*');
}

/** What the front's routes are made from. */
export interface RouteOptions {
  readonly methods: readonly PublicMethod[];
  readonly limits: Limits;
  readonly settings: EdgeSettings;
}

/** Requests to other host names than the edge's. Without it a page whose name leads to this machine would be of the edge's own origin. */
const OTHER_HOSTS: Message = {
  name: 'other_hosts',
  domains: ['*'],
  routes: [{ match: { prefix: '/' }, direct_response: { status: 421 } }],
};

/** The name of the front's route configuration. */
export const FRONT_ROUTES = 'front';

/** The front's routes for its own host names, and a refusal for all others. */
export function frontRouteConfiguration(options: RouteOptions): Message {
  return {
    name: FRONT_ROUTES,
    validate_clusters: false,
    // The host of a request is known whatever the port under which the edge is published.
    ignore_port_in_host_matching: true,
    virtual_hosts: [frontRoutes(options), ...(takesAllHosts(options.settings) ? [] : [OTHER_HOSTS])],
  };
}

/** The front's routes: gRPC, then Connect and gRPC-Web, the pages, REST, and nothing else. */
function frontRoutes({ methods, limits, settings }: RouteOptions): Message {
  return {
    name: 'front',
    domains: takesAllHosts(settings) ? ['*'] : [...new Set([...OWN_HOSTS, ...settings.hosts])],
    typed_per_filter_config: { 'envoy.filters.http.cors': corsPolicy(settings.corsOrigins) },
    // Of the sidecar behind; what the edge's own router adds is suppressed there.
    response_headers_to_remove: ['x-envoy-upstream-service-time'],
    routes: [
      ...methods.map((method) => toService(method, limits)),
      ...methods.filter(({ streams }) => !streams).map(({ path }) => withJson(path, limits)),
      // Whatever else comes to a method's path is a stream, Connect or gRPC-Web, or something that the gateway refuses in the form of these.
      ...methods.map(({ path, streams }) => toGateway(`${path.slice(1)} by the gateway`, { path }, limits, streams)),
      ...pages(settings).map((match) => toGateway(`page ${Object.values(match).join('')}`, match, limits, false)),
      ...['/grpc.health.', ...(settings.offersReflection ? ['/grpc.reflection.'] : [])].map((prefix) =>
        toGateway(prefix, { prefix, grpc: {} }, limits, true),
      ),
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
function toService(method: PublicMethod, limits: Limits): Message {
  return {
    name: method.path.slice(1),
    match: { path: method.path, headers: method.streams ? [...GRPC_OF_SERVICES, TRANSCODED] : GRPC_OF_SERVICES },
    route: { ...toMesh(meshHost(method.package)), ...routeLimits(limits, method.streams) },
    ...unwrapOnRoute(method),
  };
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
  const bindings = methods.flatMap(({ bindings, streams }) => bindings.map((binding) => ({ binding, streams })));
  // `/cars/{car_id}:sell` before `/cars/{car_id}`, whose paths contain those of the first.
  const isVerb = (binding: RestBinding) => Number(readTemplate(binding.template).verb !== undefined);
  return bindings
    .toSorted((one, other) => isVerb(other.binding) - isVerb(one.binding))
    .map(({ binding, streams }) => ({
      name: bindingName(binding),
      match: {
        safe_regex: { regex: readTemplate(binding.template).regex },
        headers: [{ name: ':method', string_match: { exact: binding.verb } }],
      },
      route: { ...nowhere, ...routeLimits(limits, streams) },
      metadata: { filter_metadata: fieldsOnRoute(binding) },
      typed_per_filter_config: restOnRoute({ asksForChange: binding.verb === 'GET' && !streams }),
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

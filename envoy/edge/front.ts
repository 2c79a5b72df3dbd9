import { any, type Message } from '../json.ts';
import { CORS, httpFilter, httpListener } from '../sidecar/listeners.ts';
import { localReplies } from '../sidecar/replies.ts';
import type { PublicImage, PublicMethod } from './image.ts';
import { unwrapFilter, unwrapOnRoute } from './unwrap.ts';

/** Largest body of a REST request, in bytes. */
const MAX_BODY = 1024 * 1024;
/** Who speaks Connect and gRPC-Web for all public services, answers their health and reflection, and has the pages. */
const GATEWAY = 'gateway.edge.svc.cluster.local:50051';
const BUFFER = 'envoy.filters.http.buffer';
const TRANSCODER = 'envoy.filters.http.grpc_json_transcoder';
const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** Where the front listens and what it offers. */
export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  /** Path of the file that holds image.bytes. */
  readonly imageFile: string;
  readonly image: PublicImage;
  /** Filters that stand before the router, so that they see an answer first. */
  readonly extraFilters?: readonly Message[];
}

/** The listener that callers from outside reach: REST by the transcoder, gRPC as it is, nothing but public methods. */
export function frontListener({ host, port, image, imageFile, extraFilters = [] }: FrontOptions): Message {
  return httpListener('front', host, port, {
    stat_prefix: 'front',
    server_name: 'rentmesh',
    local_reply_config: localReplies({ transcodes: true }),
    // The caller's address is the connection's: what a caller says of itself in x-forwarded-for is not believed.
    use_remote_address: true,
    normalize_path: true,
    merge_slashes: true,
    // A caller that is slow, or gone without a word, holds nothing for long: headers have to arrive within 10 s, a stream without a byte in
    // either direction ends after 60 s (streaming methods have a longer bound), an idle connection after 5 minutes.
    request_headers_timeout: '10s',
    stream_idle_timeout: '60s',
    delayed_close_timeout: '1s',
    max_request_headers_kb: 32,
    common_http_protocol_options: { idle_timeout: '300s', max_headers_count: 100, headers_with_underscores_action: 'DROP_HEADER' },
    http2_protocol_options: { max_concurrent_streams: 256, initial_stream_window_size: 65536, initial_connection_window_size: 1024 * 1024 },
    route_config: { name: 'front', validate_clusters: false, virtual_hosts: [virtualHost(image.methods)] },
    http_filters: [CORS, bodyLimit, transcoder(image, imageFile), unwrapFilter(), ...extraFilters, router],
  });
}

/** The cluster behind the front: the outbound side of the edge's own sidecar, which applies the policy. */
export function meshCluster(name: string, loadAssignment: Message): Message {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: name, ...loadAssignment },
    // Limits are the policy's business; here they only keep Envoy's own default of 1,024 from acting first.
    circuit_breakers: { thresholds: [{ max_connections: 65536, max_pending_requests: 65536, max_requests: 65536, max_retries: 0 }] },
    typed_extension_protocol_options: {
      [HTTP_PROTOCOL_OPTIONS]: any(HTTP_PROTOCOL_OPTIONS, { explicit_http_config: { http2_protocol_options: {} } }),
    },
  };
}

/** Name of the cluster that the front's routes lead to. */
export const MESH_CLUSTER = 'mesh';

/** The host in the mesh that serves a protobuf package `<system>.<service>.v1`. */
export function meshHost(protoPackage: string): string {
  const [system = '', service = ''] = protoPackage.split('.');
  return `${service}.${system}.svc.cluster.local:50051`;
}

/** Keeps Envoy's own headers, such as x-envoy-upstream-service-time, from callers outside. */
const router = httpFilter('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', { suppress_envoy_headers: true });

/**
 * Refuses a REST body that is too large before it reaches the transcoder, whose own limit does not hold for a body that it parses as it
 * arrives. Not for gRPC: a stream's requests cannot be waited for, and a server has its own limit for a message.
 */
const bodyLimit = httpFilter(BUFFER, 'envoy.extensions.filters.http.buffer.v3.Buffer', { max_request_bytes: MAX_BODY });
const noBodyLimit = { [BUFFER]: any('envoy.extensions.filters.http.buffer.v3.BufferPerRoute', { disabled: true }) };

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

/** A route to the gateway, which takes and gives the bytes as they are, whatever the caller speaks. */
function toGateway(name: string, match: Message, streams: boolean): Message {
  const noTranscoder = { [TRANSCODER]: any('envoy.config.route.v3.FilterConfig', { disabled: true }) };
  return {
    name,
    match,
    route: { ...toMesh(GATEWAY), ...bounds(streams) },
    typed_per_filter_config: { ...noBodyLimit, ...noTranscoder },
  };
}

function virtualHost(methods: readonly PublicMethod[]): Message {
  return {
    name: 'front',
    domains: ['*'],
    typed_per_filter_config: { 'envoy.filters.http.cors': corsPolicy() },
    // Of the sidecar behind; what the edge's own router adds is suppressed there.
    response_headers_to_remove: ['x-envoy-upstream-service-time'],
    routes: [
      ...methods.map((method) => ({
        name: method.path.slice(1),
        match: { path: method.path, grpc: {} },
        route: { ...toMesh(meshHost(method.package)), ...bounds(method.streams) },
        ...onRoute(method),
      })),
      // Whatever else comes to a method's path is Connect or gRPC-Web, or something that the gateway refuses in the form of these.
      ...methods.map((method) => toGateway(`${method.path.slice(1)} by the gateway`, { path: method.path }, method.streams)),
      ...PAGES.map((match) => toGateway(`page ${Object.values(match).join('')}`, match, false)),
      ...['/grpc.health.', '/grpc.reflection.'].map((prefix) => ({
        name: prefix,
        match: { prefix, grpc: {} },
        route: { ...toMesh(GATEWAY), ...bounds(true) },
        typed_per_filter_config: noBodyLimit,
      })),
      // 404, and UNIMPLEMENTED for gRPC. It leads to a cluster that is not there, rather than answering directly or being left out: the CORS
      // filter looks for its policy before the transcoder knows the method, and only where a request would be routed. Until then its bounds
      // hold for REST requests, whatever they turn out to be.
      {
        name: 'not_offered',
        match: { prefix: '/' },
        route: { cluster: 'not_offered', cluster_not_found_response_code: 'NOT_FOUND', ...bounds(false) },
      },
    ],
  };
}

/** What the filters do on the route of a method. */
function onRoute(method: PublicMethod): Message {
  const unwrap = unwrapOnRoute(method);
  return { ...unwrap, typed_per_filter_config: { ...noBodyLimit, ...unwrap.typed_per_filter_config } };
}

function toMesh(host: string): Message {
  // How long a call may take is said by the policy, on the mesh's side of the edge.
  return { cluster: MESH_CLUSTER, host_rewrite_literal: host, timeout: '0s' };
}

/**
 * A unary call is over, request body included, within a minute, or when the caller's own deadline passes; a stream may last, but not be silent
 * for more than an hour. Envoy drops a grpc-timeout header where it has a limit on the duration and is not told to heed the header.
 */
function bounds(streams: boolean): Message {
  if (streams) return { idle_timeout: '3600s' };
  return { idle_timeout: '60s', max_stream_duration: { max_stream_duration: '60s', grpc_timeout_header_max: '60s' } };
}

function transcoder(image: PublicImage, imageFile: string): Message {
  return httpFilter(TRANSCODER, 'envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder', {
    proto_descriptor: imageFile,
    services: image.services,
    convert_grpc_status: true,
    request_validation_options: { reject_unknown_method: true, reject_unknown_query_parameters: true },
    print_options: { always_print_primitive_fields: true },
  });
}

function corsPolicy(): Message {
  return any('envoy.extensions.filters.http.cors.v3.CorsPolicy', {
    allow_origin_string_match: [{ safe_regex: { regex: '.*' } }],
    allow_credentials: false,
    allow_methods: 'GET, POST, OPTIONS',
    allow_headers:
      'authorization, content-type, idempotency-key, grpc-timeout, x-grpc-web, x-user-agent, connect-protocol-version, connect-timeout-ms, traceparent, tracestate',
    expose_headers: 'grpc-status, grpc-message, grpc-status-details-bin, retry-after',
    max_age: '86400',
  });
}

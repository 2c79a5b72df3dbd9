import { any, isMessage, type Message } from '../json.ts';
import { httpListener } from '../sidecar/listeners.ts';
import { localReplies } from '../sidecar/replies.ts';
import { expiredReplies } from './expired.ts';
import { fieldReplies } from './fields.ts';
import { frontFilters } from './filters.ts';
import type { PublicImage } from './image.ts';
import { connectionLimits, LIMITS, type Limits, socketOptions } from './limits.ts';

const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** What the front's listener is made from. */
export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  /** Path of the file that holds image.bytes. */
  readonly imageFile: string;
  readonly image: PublicImage;
  /** Where the routes are that frontRoutes makes: `route_config` or `rds` of the connection manager. */
  readonly routes: { readonly route_config: Message } | { readonly rds: Message };
  /** Other limits than LIMITS. */
  readonly limits?: Partial<Limits>;
  /** Whether the sidecars are plain Istio's; see FilterOptions. */
  readonly plainSidecars?: boolean;
}

/** The listener that callers from outside reach: REST by the transcoder, gRPC as it is, the rest by the gateway; nothing but public methods. */
export function frontListener({ host, port, image, imageFile, routes, plainSidecars = false, ...options }: FrontOptions): Message {
  const limits = { ...LIMITS, ...options.limits };
  const listener = httpListener('front', host, port, {
    stat_prefix: 'front',
    server_name: 'rentmesh',
    local_reply_config: localReplies({ transcodes: true, first: [...fieldReplies(), ...expiredReplies(limits)] }),
    // The caller's address is the connection's: what a caller says of itself in x-forwarded-for is not believed.
    use_remote_address: true,
    normalize_path: true,
    merge_slashes: true,
    ...connectionLimits(limits),
    ...routes,
    http_filters: frontFilters({ image, imageFile, limits, plainSidecars }),
  });
  return { ...listener, socket_options: socketOptions(limits) };
}

/** Calls at once on a connection, and what of an answer is on its way while its caller does not read, in bytes. */
const [CALLS, WINDOW] = [1024, 64 * 1024];

/**
 * A connection to the mesh carries the calls of many callers. Its window has room for all of theirs: with Envoy's own defaults (16 MiB for a
 * call, 24 MiB for the connection) two callers who do not read would use it up, and everybody else would wait for them.
 */
const NO_CALL_HOLDS_UP_OTHERS: Message = {
  initial_stream_window_size: WINDOW,
  initial_connection_window_size: CALLS * WINDOW,
};

/** Returns a cluster of the policy, with these windows if its protocol is HTTP/2. */
export function withWindows(cluster: Message): Message {
  const extensions = isMessage(cluster.typed_extension_protocol_options) ? cluster.typed_extension_protocol_options : {};
  const options = isMessage(extensions[HTTP_PROTOCOL_OPTIONS]) ? extensions[HTTP_PROTOCOL_OPTIONS] : {};
  const explicit = isMessage(options.explicit_http_config) ? options.explicit_http_config : {};
  if (!isMessage(explicit.http2_protocol_options)) return cluster;
  const http2 = { ...NO_CALL_HOLDS_UP_OTHERS, ...explicit.http2_protocol_options };
  const changed = { ...options, explicit_http_config: { ...explicit, http2_protocol_options: http2 } };
  return { ...cluster, typed_extension_protocol_options: { ...extensions, [HTTP_PROTOCOL_OPTIONS]: changed } };
}

/** The cluster of the outbound side of the edge's own sidecar, which applies the policy to calls that the front does not lead to services itself. */
export function meshCluster(name: string, loadAssignment: Message): Message {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: name, ...loadAssignment },
    // Limits are the policy's business; here they only keep Envoy's own default of 1,024 from acting first.
    circuit_breakers: { thresholds: [{ max_connections: 65536, max_pending_requests: 65536, max_requests: 65536, max_retries: 0 }] },
    typed_extension_protocol_options: {
      [HTTP_PROTOCOL_OPTIONS]: any(HTTP_PROTOCOL_OPTIONS, {
        explicit_http_config: { http2_protocol_options: { max_concurrent_streams: CALLS, ...NO_CALL_HOLDS_UP_OTHERS } },
      }),
    },
  };
}

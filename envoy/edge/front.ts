import { any, type Message } from '../json.ts';
import { httpListener } from '../sidecar/listeners.ts';
import { localReplies } from '../sidecar/replies.ts';
import { accessLog } from './access-log.ts';
import { crossSiteReplies } from './cross-site.ts';
import { expiredReplies } from './expired.ts';
import { fieldReplies } from './fields.ts';
import { frontFilters } from './filters.ts';
import type { PublicImage } from './image.ts';
import { connectionLimits, LIMITS, type Limits, socketOptions } from './limits.ts';
import { rateLimitReplies } from './rate-limit.ts';
import { FRONT_ROUTES, frontRouteConfiguration } from './routes.ts';
import { type EdgeSettings, edgeSettings } from './settings.ts';

const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** Where the front listens and what it offers. */
export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  /** Path of the file that holds image.bytes. */
  readonly imageFile: string;
  readonly image: PublicImage;
  /** The settings; those of an empty environment if undefined. */
  readonly settings?: Partial<EdgeSettings> | undefined;
  /** Other limits than LIMITS. */
  readonly limits?: Partial<Limits>;
  /** Where Envoy reads frontRouteConfiguration from; it is part of the listener if undefined. Open connections follow it when it changes. */
  readonly routes?: Message | undefined;
  /** Whether the sidecars are plain Istio's; see FilterOptions. */
  readonly plainSidecars?: boolean;
}

/** The listener that callers from outside reach: REST by the transcoder, gRPC as it is, the rest by the gateway; nothing but public methods. */
export function frontListener({ host, port, image, imageFile, plainSidecars = false, routes, ...options }: FrontOptions): Message {
  const limits = { ...LIMITS, ...options.limits };
  const settings = { ...edgeSettings({}), ...options.settings };
  const listener = httpListener('front', host, port, {
    stat_prefix: 'front',
    server_name: 'rentmesh',
    local_reply_config: localReplies({
      transcodes: true,
      first: [...fieldReplies(), ...crossSiteReplies(), ...rateLimitReplies(), ...expiredReplies(limits)],
    }),
    // The client's address is that of the connection, or what the proxies before the edge have added to x-forwarded-for, one each.
    // What a client itself writes there is not believed.
    use_remote_address: true,
    xff_num_trusted_hops: settings.trustedHops,
    normalize_path: true,
    merge_slashes: true,
    access_log: [accessLog()],
    ...connectionLimits(limits),
    ...(routes === undefined
      ? { route_config: frontRouteConfiguration({ methods: image.methods, limits, settings }) }
      : { rds: { route_config_name: FRONT_ROUTES, config_source: routes } }),
    http_filters: frontFilters({ image, imageFile, limits, plainSidecars, settings }),
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
  max_concurrent_streams: CALLS,
  initial_stream_window_size: WINDOW,
  initial_connection_window_size: CALLS * WINDOW,
};

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
      [HTTP_PROTOCOL_OPTIONS]: any(HTTP_PROTOCOL_OPTIONS, { explicit_http_config: { http2_protocol_options: NO_CALL_HOLDS_UP_OTHERS } }),
    },
  };
}

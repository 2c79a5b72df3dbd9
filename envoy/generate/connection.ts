import { any, type Message, message, unlessEmpty } from '../json.ts';
import { formatDuration } from '../policy/duration.ts';
import type { ConnectionPool } from '../policy/schema.ts';

/** Istio's limit where a rule sets none: the largest 32-bit number, that is no limit. */
const NO_LIMIT = 2 ** 32 - 1;
/** meshConfig.connectTimeout of Istio. */
const CONNECT_TIMEOUT = '10s';
const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** The fields of a cluster that connectionPool decides. A limit of 0 counts as not set. */
export function connectionFields(pool: ConnectionPool | undefined, http2: boolean): Message {
  const tcp = pool?.tcp;
  const http = pool?.http;
  const keepalive = tcp?.tcpKeepalive;
  return message({
    connect_timeout: tcp?.connectTimeout === undefined ? CONNECT_TIMEOUT : formatDuration(tcp.connectTimeout),
    circuit_breakers: {
      thresholds: [
        {
          max_connections: limit(tcp?.maxConnections),
          max_pending_requests: limit(http?.http1MaxPendingRequests),
          max_requests: limit(http?.http2MaxRequests),
          max_retries: limit(http?.maxRetries),
        },
      ],
    },
    upstream_connection_options:
      keepalive &&
      unlessEmpty({
        tcp_keepalive: message({
          keepalive_probes: keepalive.probes || undefined,
          keepalive_time: seconds(keepalive.time),
          keepalive_interval: seconds(keepalive.interval),
        }),
      }),
    typed_extension_protocol_options: protocolOptions(pool, http2),
  });
}

function protocolOptions(pool: ConnectionPool | undefined, http2: boolean): Message | undefined {
  const http = pool?.http;
  const common = unlessEmpty({
    idle_timeout: http?.idleTimeout === undefined ? undefined : formatDuration(http.idleTimeout),
    max_requests_per_connection: http?.maxRequestsPerConnection || undefined,
  });
  if (!http2 && !common) return undefined;
  const options = message({
    common_http_protocol_options: common,
    explicit_http_config: http2 ? { http2_protocol_options: {} } : { http_protocol_options: {} },
  });
  return { [HTTP_PROTOCOL_OPTIONS]: any(HTTP_PROTOCOL_OPTIONS, options) };
}

function limit(value: number | undefined): number {
  return value || NO_LIMIT;
}

function seconds(nanoseconds: number | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : Math.floor(nanoseconds / 1e9);
}

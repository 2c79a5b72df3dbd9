import { any, type Message } from '../json.ts';
import { socketAddress } from './files.ts';
import { localReplies } from './replies.ts';

/** Ports of a pod on the laptop. On a cluster the sidecar's redirection makes them invisible. */
export const PORTS = { inbound: 50051, service: 50052, outbound: 15001, admin: 15000 } as const;

const HTTP_CONNECTION_MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** An HTTP filter with an empty configuration. */
export function httpFilter(name: string, type: string, fields: Message = {}): Message {
  return { name, typed_config: any(type, fields) };
}

export const ROUTER = httpFilter('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router');
export const CORS = httpFilter('envoy.filters.http.cors', 'envoy.extensions.filters.http.cors.v3.Cors');
/**
 * Counts calls by their gRPC status, by cluster: over HTTP every one of them is a 200. Not by method: names that callers make up would each be
 * a counter for ever.
 */
const GRPC_STATS = httpFilter('envoy.filters.http.grpc_stats', 'envoy.extensions.filters.http.grpc_stats.v3.FilterConfig', {
  stats_for_all_methods: false,
});
const FAULT = httpFilter('envoy.filters.http.fault', 'envoy.extensions.filters.http.fault.v3.HTTPFault');

/** A listener for HTTP/1.1 and HTTP/2 without TLS; `fields` are those of the connection manager. */
export function httpListener(name: string, address: string, port: number, fields: Message): Message {
  return {
    name,
    address: socketAddress(address, port),
    // What a slow peer leaves unread is held here: after this much the other side is told to wait.
    per_connection_buffer_limit_bytes: 1024 * 1024,
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: any(HTTP_CONNECTION_MANAGER, { codec_type: 'AUTO', ...fields }),
          },
        ],
      },
    ],
  };
}

/** Streams at once on a connection between workloads, and how much of one is buffered while its reader does not read, in bytes. */
const [STREAMS, STREAM_WINDOW] = [1024, 64 * 1024];

/**
 * Flow control between workloads. A connection has room for the windows of all its streams, so that a stream whose reader is stuck does
 * not hold up the others: at most 64 MiB in each direction, see SIDECAR_HEAP.
 */
export const WINDOWS: Message = { initial_stream_window_size: STREAM_WINDOW, initial_connection_window_size: STREAMS * STREAM_WINDOW };

/** What sidecars' listeners have in common. Streams may be silent for long. */
const BETWEEN_WORKLOADS: Message = {
  stream_idle_timeout: '3600s',
  http2_protocol_options: {
    max_concurrent_streams: STREAMS,
    ...WINDOWS,
  },
};

/** Where a workload's calls to others come in, to be routed by host and path. */
export function outboundListener(address: string, routes: Message): Message {
  return httpListener('outbound', address, PORTS.outbound, {
    stat_prefix: 'outbound',
    ...BETWEEN_WORKLOADS,
    local_reply_config: localReplies({ transcodes: false, outbound: true }),
    rds: { route_config_name: 'outbound', config_source: routes },
    http_filters: [GRPC_STATS, FAULT, CORS, ROUTER],
  });
}

/** Where the calls of others come in, for one port of the workload. */
export function inboundListener(address: string, port: number, cluster: string): Message {
  return httpListener(`inbound|${port}`, address, port, {
    stat_prefix: `inbound_${port}`,
    ...BETWEEN_WORKLOADS,
    local_reply_config: localReplies({ transcodes: false }),
    route_config: {
      name: cluster,
      virtual_hosts: [
        {
          name: `inbound|http|${port}`,
          domains: ['*'],
          // No timeout of its own: how long a call may take is said by the caller's policy and its grpc-timeout.
          routes: [{ name: 'default', match: { prefix: '/' }, route: { cluster, timeout: '0s' } }],
        },
      ],
    },
    http_filters: [ROUTER],
  });
}

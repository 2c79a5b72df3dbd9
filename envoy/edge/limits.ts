import type { Message } from '../json.ts';
import { overloadManager } from '../sidecar/overload.ts';

/**
 * What one caller, and all of them together, can hold of the edge. Times are in seconds, sizes in bytes.
 */
export interface Limits {
  /** Largest body of a REST request. Of Connect and gRPC-Web the gateway bounds each message, of gRPC the service. */
  readonly body: number;
  /** Until the headers of a request have arrived. */
  readonly headers: number;
  /** The whole of a unary call, its request included; a caller's own deadline may be shorter. */
  readonly unary: number;
  /** Without a byte in either direction, in a call that streams. */
  readonly silentStream: number;
  /** A connection without a call. */
  readonly idleConnection: number;
  /** Between two pings of an HTTP/2 connection, and until each has to be answered: who is gone without a word does not answer. */
  readonly ping: number;
  readonly pingAnswer: number;
  /** Data that the other side does not take: the connection ends then, whether that side is gone or has stopped reading. */
  readonly unread: number;
  /** Connections at once; more are closed at once, so that a flood cannot take all file descriptors. */
  readonly connections: number;
  /** Memory: near it requests are refused, connections no longer accepted, and the streams that hold most are reset. */
  readonly heap: number;
}

/** The limits in force unless others are given. */
export const LIMITS: Limits = {
  body: 1024 * 1024,
  headers: 10,
  unary: 60,
  silentStream: 3600,
  idleConnection: 300,
  ping: 30,
  pingAnswer: 10,
  unread: 60,
  connections: 10_000,
  heap: 1024 * 1024 * 1024,
};

/** Limits of the connection manager: how long and how much before it is known which method a request is for. */
export function connectionLimits({ headers, unary, idleConnection, ping, pingAnswer }: Limits): Message {
  return {
    request_headers_timeout: seconds(headers),
    stream_idle_timeout: seconds(unary),
    delayed_close_timeout: '1s',
    max_request_headers_kb: 32,
    common_http_protocol_options: {
      idle_timeout: seconds(idleConnection),
      max_headers_count: 100,
      headers_with_underscores_action: 'DROP_HEADER',
    },
    http2_protocol_options: {
      max_concurrent_streams: 256,
      initial_stream_window_size: 64 * 1024,
      initial_connection_window_size: 1024 * 1024,
      connection_keepalive: { interval: seconds(ping), timeout: seconds(pingAnswer) },
    },
  };
}

/**
 * Limits of a route. A unary call is over, request body included, within its time, or when the caller's own deadline passes; a stream may last,
 * but not be silent for long. Envoy drops a grpc-timeout header where it has a limit on the duration and is not told to heed the header.
 */
export function routeLimits({ unary, silentStream }: Limits, streams: boolean): Message {
  if (streams) return { idle_timeout: seconds(silentStream) };
  const whole = seconds(unary);
  return { idle_timeout: whole, max_stream_duration: { max_stream_duration: whole, grpc_timeout_header_max: whole } };
}

/** The grpc-timeout that Envoy writes into a unary call whose caller has set no deadline, or a later one. */
export function toldBound({ unary }: Limits): string {
  return `${unary * 1000}m`;
}

/** Options of the listening socket, which its connections inherit: Linux ends those whose other side is gone or does not read. */
export function socketOptions({ unread, ping, pingAnswer }: Limits): Message[] {
  const option = (level: number, name: number, value: number): Message => ({ level, name, int_value: value, state: 'STATE_LISTENING' });
  return [
    option(SOL_SOCKET, SO_KEEPALIVE, 1),
    option(IPPROTO_TCP, TCP_KEEPIDLE, Math.ceil(ping)),
    option(IPPROTO_TCP, TCP_KEEPINTVL, Math.ceil(pingAnswer)),
    // Also where the other side acknowledges that it has no room: the sender of a zero window gives up after this time.
    option(IPPROTO_TCP, TCP_USER_TIMEOUT, Math.ceil(unread * 1000)),
  ];
}

// Of Linux, for all machines that it runs on here.
const [SOL_SOCKET, SO_KEEPALIVE] = [1, 9];
const [IPPROTO_TCP, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_USER_TIMEOUT] = [6, 4, 5, 18];

/**
 * Limits of the whole process, as fields of its bootstrap. Envoy's default closes a connection that resets most of its first 500 streams
 * within a second of their beginning (rapid reset, CVE-2023-44487).
 */
export function processLimits({ connections, heap }: Limits): Message {
  return {
    ...overloadManager({ connections, heap }),
    layered_runtime: {
      // Of one connection so many requests are begun before the others have their turn.
      layers: [{ name: 'limits', static_layer: { 'http.max_requests_per_io_cycle': 16 } }],
    },
  };
}

function seconds(value: number): string {
  return `${value}s`;
}

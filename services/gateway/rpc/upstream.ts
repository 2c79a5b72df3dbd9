import type { ClientHttp2Stream, IncomingHttpHeaders, SecureClientSessionOptions } from 'node:http2';
import { Http2SessionManager } from '@connectrpc/connect-node';
import { status } from '@grpc/grpc-js';
import { RpcError, unavailable } from '#kit/rpc/errors.ts';
import type { Fields } from './metadata.ts';

/** Opens gRPC streams to services. */
export interface Upstream {
  /** Opens a stream, and adds `:authority` to `headers`. Rejects with UNAVAILABLE if the connection fails. */
  open(host: string, path: string, headers: Fields): Promise<ClientHttp2Stream>;
  close(): void;
}

/** Streams per connection. Sidecars refuse more than 1,024. */
const MAX_CALLS = 1000;

/** Bytes of headers. Error details take up to 32 KiB (services/kit/rpc/status-details.ts). */
const MAX_HEADERS = 64 * 1024;

/** Node refuses streams if a session holds more than 10 MB. Here the window of each stream is the limit. */
const SESSION: SecureClientSessionOptions = {
  maxSessionMemory: Number.MAX_SAFE_INTEGER,
  settings: { maxHeaderListSize: MAX_HEADERS, enablePush: false },
};

/**
 * Calls services by HTTP/2 without TLS, through `proxy` (the sidecar's outbound listener, host:port) or directly by mesh host.
 * Never retries; the mesh does.
 */
export function meshUpstream(proxy: string | undefined): Upstream {
  const pools = new Map<string, Pool>();
  return {
    open: (host, path, headers) => {
      const address = proxy ?? host;
      const pool = pools.get(address) ?? new Pool(`http://${address}`, SESSION);
      pools.set(address, pool);
      return pool.open(host, path, headers);
    },
    close: () => {
      for (const pool of pools.values()) pool.close();
    },
  };
}

/** Calls the server in this process. */
export function localUpstream(connect: NonNullable<SecureClientSessionOptions['createConnection']>): Upstream {
  return new Pool('http://local', { ...SESSION, createConnection: connect });
}

/** Connections to one address. Grows with the number of concurrent calls. */
class Pool implements Upstream {
  readonly #url: string;
  readonly #options: SecureClientSessionOptions;
  readonly #connections: { readonly manager: Http2SessionManager; calls: number }[] = [];

  constructor(url: string, options: SecureClientSessionOptions) {
    this.#url = url;
    this.#options = options;
  }

  async open(host: string, path: string, headers: Fields): Promise<ClientHttp2Stream> {
    const connection = this.#connection();
    connection.calls++;
    headers[':authority'] = host;
    try {
      const stream = await connection.manager.request('POST', path, headers, {});
      stream.once('close', () => connection.calls--);
      // The reader gets errors by the close event.
      stream.on('error', () => undefined);
      return stream;
    } catch (cause) {
      connection.calls--;
      throw unavailable('UPSTREAM_UNAVAILABLE', 'the service cannot be reached, please try again', { cause });
    }
  }

  close(): void {
    for (const { manager } of this.#connections) manager.abort();
  }

  #connection() {
    const free = this.#connections.find(({ calls }) => calls < MAX_CALLS);
    if (free !== undefined) return free;
    const connection = { manager: new Http2SessionManager(this.#url, {}, this.#options), calls: 0 };
    this.#connections.push(connection);
    return connection;
  }
}

/** Resolves with the response headers. Rejects with RpcError if the stream closes before. */
export function headersOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    let received = false;
    stream.once('response', (headers) => {
      received = true;
      resolve(headers);
    });
    stream.once('close', () => {
      if (!received) reject(brokenStream(stream));
    });
  });
}

/** Returns the error of a stream that ended without a status. */
export function brokenStream(stream: ClientHttp2Stream): RpcError {
  if (stream.rstCode === ENHANCE_YOUR_CALM) return new RpcError(status.RESOURCE_EXHAUSTED, 'OVERLOADED', 'the service refuses more calls');
  return unavailable('UPSTREAM_UNAVAILABLE', 'the connection to the service broke, please try again');
}

const ENHANCE_YOUR_CALM = 0xb;

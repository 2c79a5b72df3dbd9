import type { ClientHttp2Stream, IncomingHttpHeaders, SecureClientSessionOptions } from 'node:http2';
import { Http2SessionManager } from '@connectrpc/connect-node';
import { status } from '@grpc/grpc-js';
import { RpcError, unavailable } from '#kit/rpc/errors.ts';
import type { Fields } from './metadata.ts';

/** Opens calls of services. */
export interface Upstream {
  /** Sends the headers of a call, which become the stream's. Rejects with UNAVAILABLE if nobody can be reached. */
  open(host: string, path: string, headers: Fields): Promise<ClientHttp2Stream>;
  close(): void;
}

/** Calls on one connection at most: sidecars refuse more than 1,024. */
const MAX_CALLS = 1000;

/** What one side may hold of headers; error details take up to 32 KiB (services/kit/rpc/status-details.ts). */
const MAX_HEADERS = 64 * 1024;

/** Node refuses streams when a session holds more than 10 MB; how much is held is bounded by each stream's window instead. */
const SESSION: SecureClientSessionOptions = {
  maxSessionMemory: Number.MAX_SAFE_INTEGER,
  settings: { maxHeaderListSize: MAX_HEADERS, enablePush: false },
};

/**
 * Calls over HTTP/2 without TLS: all through `proxy` (the sidecar's outbound listener, host:port), or where there is none to the mesh host of
 * each service. Nothing is tried again: that belongs to the mesh.
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

/** Calls of a server in this process, by connections that `connect` makes. */
export function localUpstream(connect: NonNullable<SecureClientSessionOptions['createConnection']>): Upstream {
  return new Pool('http://local', { ...SESSION, createConnection: connect });
}

/** Connections to one address: as many as its calls need. */
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
      // Whoever reads the stream learns of the error from it; nobody may be reading at the moment it comes.
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

/** Waits for the headers of an answer. Rejects with RpcError if the stream ends before. */
export function headersOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    let haveCome = false;
    stream.once('response', (headers) => {
      haveCome = true;
      resolve(headers);
    });
    stream.once('close', () => {
      if (!haveCome) reject(broken(stream));
    });
  });
}

/** The error of a stream that ended without a status. */
export function broken(stream: ClientHttp2Stream): RpcError {
  // A stream that this side has closed tells nothing by its code; the caller knows why.
  if (stream.rstCode === ENHANCE_YOUR_CALM) return new RpcError(status.RESOURCE_EXHAUSTED, 'OVERLOADED', 'the service refuses more calls');
  return unavailable('UPSTREAM_UNAVAILABLE', 'the connection to the service broke, please try again');
}

const ENHANCE_YOUR_CALM = 0xb;

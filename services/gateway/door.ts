import { createServer as createHttp1 } from 'node:http';
import { createServer as createHttp2, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Exchange, Http1Exchange, Http2Exchange } from './rpc/exchange.ts';

/** One port for HTTP/2 without TLS and for HTTP/1.1. */
export interface Door {
  /** Begins to listen. @returns the port */
  listen(host: string, port: number): Promise<number>;
  /** Takes no more requests, and resolves when those under way are answered and all connections are closed. */
  close(): Promise<void>;
  /** Closes the connections that are left. */
  cut(): void;
}

/** What every HTTP/2 client sends first; no method of HTTP/1.1 begins so. */
const PREFACE = 'PRI * HTTP/2.0';

/** A connection that says nothing for this long, in milliseconds, is closed. */
const GREETING_MS = 10_000;

/**
 * Opens no port yet; `listen` does. The two versions are told apart by the first bytes of a connection.
 */
export function door(handle: (exchange: Exchange) => void): Door {
  const http2 = createHttp2({
    // Node closes a connection that holds more than 10 MB or on which many calls are cancelled. All calls of a sidecar come on one, and the
    // front has the limits that hold for clients.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
    streamResetBurst: 100_000,
    streamResetRate: 10_000,
    settings: { maxConcurrentStreams: 1024, initialWindowSize: 256 * 1024, maxHeaderListSize: 64 * 1024 },
  });
  http2.on('stream', (stream: ServerHttp2Stream, headers) => {
    if (headers.expect === '100-continue') stream.additionalHeaders({ ':status': 100 });
    handle(new Http2Exchange(stream, headers));
  });
  const http1 = createHttp1({ maxHeaderSize: 64 * 1024 }, (request, response) => handle(new Http1Exchange(request, response)));
  // Node arms its limits on slow requests and idle connections when a server begins to listen, which this one never does by itself.
  http1.emit('listening');
  const sessions = new Set<Http2Session>();
  const sockets = new Set<Socket>();
  http2.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  // A connection that breaks ends its calls; there is nothing to do about it here.
  http2.on('sessionError', () => undefined);
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const silent = setTimeout(() => socket.destroy(), GREETING_MS);
    const dropped = () => socket.destroy();
    socket.once('error', dropped);
    socket.once('close', () => clearTimeout(silent));
    greet(socket, (isHttp2) => {
      clearTimeout(silent);
      socket.off('error', dropped);
      (isHttp2 ? http2 : http1).emit('connection', socket);
    });
  });
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port, backlog: 1024 }, () => {
          server.off('error', reject);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.close();
        // Closes its idle connections and ends its looks at slow ones.
        http1.close();
      }),
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Reads the first bytes of a connection, puts them back, and tells whether it is HTTP/2. */
function greet(socket: Socket, then: (isHttp2: boolean) => void): void {
  const kept: Buffer[] = [];
  const look = () => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) kept.push(chunk);
    const bytes = Buffer.concat(kept);
    const start = bytes.subarray(0, PREFACE.length).toString('latin1');
    if (start === '' || (bytes.length < PREFACE.length && PREFACE.startsWith(start))) return;
    socket.off('readable', look);
    socket.unshift(bytes);
    then(start === PREFACE);
  };
  socket.on('readable', look);
}

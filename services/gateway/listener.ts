import { createServer as createHttp1 } from 'node:http';
import { createServer as createHttp2, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Http1Exchange, Http2Exchange, type HttpExchange } from './rpc/http-exchange.ts';

/** One port for HTTP/2 without TLS and for HTTP/1.1. */
export interface Listener {
  /** @returns the port */
  listen(host: string, port: number): Promise<number>;
  /** Accepts no more requests. Resolves when running requests have ended and all connections are closed. */
  close(): Promise<void>;
  /** Closes the remaining connections at once. */
  destroy(): void;
}

/** The first bytes of every HTTP/2 client (RFC 9113, 3.4). No HTTP/1.1 request starts with these bytes. */
const PREFACE = 'PRI * HTTP/2.0';

/** Limit in milliseconds for the first bytes of a connection. */
const PREFACE_TIMEOUT_MS = 10_000;

/** Creates a listener that detects the HTTP version by the first bytes of a connection. */
export function createListener(handle: (exchange: HttpExchange) => void): Listener {
  const http2 = createHttp2Server(handle);
  const http1 = createHttp1({ maxHeaderSize: 64 * 1024 }, (request, response) => handle(new Http1Exchange(request, response)));
  // Node starts its timers for slow requests and idle connections on this event. This server never listens itself.
  http1.emit('listening');
  const sessions = new Set<Http2Session>();
  const sockets = new Set<Socket>();
  http2.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    detectHttp2(socket, (isHttp2) => (isHttp2 ? http2 : http1).emit('connection', socket));
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
        // Closes idle connections and stops the timers.
        http1.close();
      }),
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function createHttp2Server(handle: (exchange: HttpExchange) => void) {
  const http2 = createHttp2({
    // By default Node closes a session that holds more than 10 MB or sees many resets. A sidecar sends all calls in one session;
    // the edge limits clients.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
    streamResetBurst: 100_000,
    streamResetRate: 10_000,
    settings: { maxConcurrentStreams: 1024, initialWindowSize: 256 * 1024, maxHeaderListSize: 64 * 1024 },
  });
  http2.on('stream', (stream: ServerHttp2Stream, headers) => {
    if (headers.expect === '100-continue') stream.additionalHeaders({ ':status': 100 });
    handle(new Http2Exchange(stream, headers));
  });
  // Without a listener an error of one session would end the process.
  http2.on('sessionError', () => undefined);
  return http2;
}

/** Reads the first bytes of a connection, puts them back, and reports whether they start HTTP/2. */
function detectHttp2(socket: Socket, callback: (isHttp2: boolean) => void): void {
  const chunks: Buffer[] = [];
  const timer = setTimeout(() => socket.destroy(), PREFACE_TIMEOUT_MS);
  const onError = () => socket.destroy();
  socket.once('error', onError);
  socket.once('close', () => clearTimeout(timer));
  const onReadable = () => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const start = bytes.subarray(0, PREFACE.length).toString('latin1');
    if (start === '' || (bytes.length < PREFACE.length && PREFACE.startsWith(start))) return;
    clearTimeout(timer);
    socket.off('readable', onReadable).off('error', onError);
    socket.unshift(bytes);
    callback(start === PREFACE);
  };
  socket.on('readable', onReadable);
}

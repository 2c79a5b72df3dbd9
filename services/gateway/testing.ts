// What tests of the gateway share: a gateway before a service whose answers the test writes itself.
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { readImage } from '#kit/rpc/contracts.ts';
import { createListener } from './listener.ts';
import { frameOf } from './rpc/frames.ts';
import { Gateway, type GatewayOptions } from './rpc/gateway.ts';
import { methodsOf } from './rpc/methods.ts';
import { meshUpstream } from './rpc/upstream.ts';

/** A gateway that listens, and the service behind it. */
export interface TestGateway {
  readonly gateway: Gateway;
  readonly service: Http2Server;
  readonly url: string;
  close(): void;
}

/** The largest messages that a test gateway takes, in bytes. */
export const MAX_BYTES = 1000;

/** Starts a gateway; `serve` gets each call that reaches the service. Requests that are no calls are answered 404. */
export async function startGateway(
  serve: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
  serves?: GatewayOptions['serves'],
): Promise<TestGateway> {
  const service = createServer();
  service.on('stream', (stream: ServerHttp2Stream, headers) => {
    // A call that is cut off breaks its stream, which is looked at by its code.
    stream.on('error', () => undefined);
    serve(stream, headers);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port } = service.address() as AddressInfo;
  const mesh = meshUpstream(undefined);
  const gateway = new Gateway({
    methods: methodsOf(readImage(), () => `127.0.0.1:${port}`),
    serves,
    mesh,
    local: mesh,
    maxRequestBytes: MAX_BYTES,
    maxResponseBytes: MAX_BYTES,
    log: pino({ level: 'silent' }),
  });
  const listener = createListener((exchange) => {
    if (!gateway.handle(exchange)) exchange.respond(404, { 'content-length': '0' });
  });
  const url = `http://127.0.0.1:${await listener.listen('127.0.0.1', 0)}`;
  const close = () => {
    listener.destroy();
    mesh.close();
    service.close();
  };
  return { gateway, service, url, close };
}

/** Answers a call as a service does. @param ends whether with OK, or not at all */
export function answer(stream: ServerHttp2Stream, messages: readonly Buffer[], ends: boolean, headers: Record<string, string> = {}): void {
  stream.respond({ ...headers, ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  for (const message of messages) stream.write(frameOf(message));
  if (!ends) return;
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end();
}

import { once } from 'node:events';
import { connect, type ServerHttp2Stream } from 'node:http2';
import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { frameOf } from './rpc/frames.ts';
import { answer, startGateway, type TestGateway } from './testing.ts';

const GET_CAR = '/rentcar.car.v1.CarService/GetCar';
const WATCH = '/rentcar.mypage.v1.MypageService/WatchMypage';
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const EMPTY = Buffer.alloc(0);

const exporter = new InMemorySpanExporter();
let running: TestGateway;
/** The response of the service. */
let serve: (stream: ServerHttp2Stream) => void;
/** Trace headers that the service received. */
let traceparent: string | undefined;

beforeAll(async () => {
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  running = await startGateway((stream, headers) => {
    traceparent = String(headers.traceparent);
    serve(stream);
  });
});
beforeEach(() => exporter.reset());
afterAll(() => running.close());

const ok = (stream: ServerHttp2Stream) => answer(stream, [EMPTY], true);
const failing = (code: number) => (stream: ServerHttp2Stream) =>
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(code), 'grpc-message': 'no%20stock' },
    { endStream: true },
  );

async function call(path: string, type: string, body: Buffer, signal?: AbortSignal) {
  const headers = { 'content-type': type, traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` };
  return await fetch(running.url + path, { method: 'POST', headers, body: new Uint8Array(body), signal: signal ?? null });
}

/** The span of the only call. */
async function span() {
  await vi.waitUntil(() => exporter.getFinishedSpans().length > 0);
  const [only, ...more] = exporter.getFinishedSpans();
  if (only === undefined || more.length > 0) throw new Error('there is not one span');
  return { name: only.name, attributes: only.attributes, status: only.status, context: only.spanContext() };
}

const JSON_CALL = [GET_CAR, 'application/json', Buffer.from('{}')] as const;

describe('the span of a call', () => {
  it.each<[string, (stream: ServerHttp2Stream) => void, string, SpanStatusCode]>([
    ['an answer', ok, 'OK', SpanStatusCode.UNSET],
    ['a parseErrorOf of the service, which is no error of the server', failing(5), 'NOT_FOUND', SpanStatusCode.UNSET],
    ['a failure of the service', failing(14), 'UNAVAILABLE', SpanStatusCode.ERROR],
    ['an answer that is none', (stream) => stream.respond({ ':status': 503 }, { endStream: true }), 'UNAVAILABLE', SpanStatusCode.ERROR],
    ['a service that breaks off', (stream) => stream.close(2), 'UNAVAILABLE', SpanStatusCode.ERROR],
    ['a message that cannot be read', (stream) => answer(stream, [Buffer.from([0x07])], true), 'INTERNAL', SpanStatusCode.ERROR],
    ['more messages than one', (stream) => answer(stream, [EMPTY, EMPTY], true), 'INTERNAL', SpanStatusCode.ERROR],
  ])('has the status of the call: %s', async (_, how, code, expected) => {
    serve = how;
    await (await call(...JSON_CALL)).text();
    const { attributes, status } = await span();
    expect(attributes).toMatchObject({ 'rpc.system.name': 'connectrpc', 'rpc.method': GET_CAR.slice(1), 'rpc.response.status_code': code });
    expect(status.code).toBe(expected);
    expect(attributes['error.type']).toBe(expected === SpanStatusCode.ERROR ? code : undefined);
  });

  it('has the decoded message of a failure', async () => {
    serve = failing(13);
    await (await call(...JSON_CALL)).text();
    expect((await span()).status.message).toBe('no stock');
  });

  it('is no error for a malformed request', async () => {
    await (await call(GET_CAR, 'application/json', Buffer.from('{"colour":1}'))).text();
    const { attributes, status } = await span();
    expect(attributes['rpc.response.status_code']).toBe('INVALID_ARGUMENT');
    expect(status.code).toBe(SpanStatusCode.UNSET);
  });

  it('has the status CANCELLED if the client disconnects', async () => {
    serve = (stream) => answer(stream, [EMPTY], false);
    const leaving = new AbortController();
    const response = await call(WATCH, 'application/grpc-web+proto', frameOf(EMPTY), leaving.signal);
    leaving.abort();
    await response.text().catch(() => undefined);
    expect((await span()).attributes).toMatchObject({ 'rpc.system.name': 'grpc-web', 'rpc.response.status_code': 'CANCELLED' });
  });

  it('does not exist for health checks and reflection', async () => {
    const client = connect(running.url);
    const headers = { ':method': 'POST', ':path': '/grpc.health.v1.Health/Check', 'content-type': 'application/grpc', te: 'trailers' };
    const check = client.request(headers).resume();
    check.end(frameOf(EMPTY));
    await once(check, 'close');
    client.close();
    serve = ok;
    await (await call(...JSON_CALL)).text();
    expect((await span()).name).toBe(GET_CAR.slice(1));
  });

  it('continues the trace of the client, and the service gets the trace context', async () => {
    serve = ok;
    await (await call(...JSON_CALL)).text();
    const { context } = await span();
    expect(context.traceId).toBe(TRACE_ID);
    expect(traceparent).toBe(`00-${TRACE_ID}-${context.spanId}-01`);
  });
});

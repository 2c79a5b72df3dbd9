import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { Http2Server, ServerHttp2Stream } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createListener } from './listener.ts';
import { frameOf } from './rpc/frames.ts';
import type { Gateway } from './rpc/gateway.ts';
import { answer, startGateway } from './testing.ts';

const WATCH = '/rentcar.mypage.v1.MypageService/WatchMypage';
const GET_CAR = '/rentcar.car.v1.CarService/GetCar';
/** Valid protobuf that no encoder writes: field 15 with an overlong length. */
const ODD = Buffer.from([0x7a, 0x81, 0x00, 0x2a]);

let service: Http2Server;
let url: string;
let gateway: Gateway;
let close: () => void;
/** The calls that reached the service, with their request bytes. */
const calls: { readonly stream: ServerHttp2Stream; readonly request: Promise<Buffer> }[] = [];

beforeAll(async () => {
  ({ gateway, service, url, close } = await startGateway((stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    calls.push({ stream, request: once(stream, 'end').then(() => Buffer.concat(chunks)) });
    service.emit('called');
  }));
});

afterAll(() => close());

/** Makes a call. Returns the response, and the call that the service received. */
async function call(
  path: string,
  type: string,
  body: Buffer,
  init: Pick<RequestInit, 'signal'> & { headers?: Record<string, string> } = {},
) {
  const reached = once(service, 'called');
  const answer = fetch(url + path, {
    method: 'POST',
    ...init,
    headers: { 'content-type': type, ...init.headers },
    body: new Uint8Array(body),
  });
  await reached;
  const last = calls.at(-1);
  if (last === undefined) throw new Error('no call has reached the service');
  return { answer, ...last };
}

it('binary messages pass unchanged in both directions', async () => {
  const { answer: response, stream, request } = await call(GET_CAR, 'application/proto', ODD);
  expect(await request).toEqual(frameOf(ODD));
  answer(stream, [ODD], true);
  expect(Buffer.from(await (await response).arrayBuffer())).toEqual(ODD);
});

it('a request that is too large is refused with the reason, and does not reach the service', async () => {
  const before = calls.length;
  const response = await fetch(url + GET_CAR, {
    method: 'POST',
    headers: { 'content-type': 'application/proto' },
    body: new Uint8Array(1001),
  });
  expect(await response.json()).toMatchObject({ code: 'resource_exhausted', details: [{ debug: { reason: 'REQUEST_TOO_LARGE' } }] });
  expect(calls.length).toBe(before);
});

it('a unary call fails at the second message of the service', async () => {
  const { answer: response, stream } = await call(GET_CAR, 'application/proto', ODD);
  answer(stream, [ODD, ODD], false);
  expect(await (await response).json()).toMatchObject({ code: 'internal', details: [{ debug: { reason: 'UPSTREAM_ANSWER' } }] });
  if (!stream.closed) await once(stream, 'close');
  expect(stream.rstCode, 'the stream of the service is cancelled').toBe(8);
});

it('a client that disconnects cancels the call of the service', async () => {
  const leaving = new AbortController();
  const { answer: response, stream } = await call(WATCH, 'application/connect+proto', frameOf(ODD), { signal: leaving.signal });
  response.catch(() => undefined);
  leaving.abort();
  await once(stream, 'close');
  expect(stream.rstCode).toBe(8);
});

it('a broken response stream becomes UNAVAILABLE with RetryInfo', async () => {
  const { answer: response, stream } = await call(WATCH, 'application/connect+proto', frameOf(ODD));
  answer(stream, [ODD], false);
  const reader = (await response).body;
  stream.close(2);
  expect(await new Response(reader).text()).toContain('UPSTREAM_UNAVAILABLE');
});

describe('an exceeded deadline', () => {
  // The timer of the gateway never fires, as on a busy machine.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    return () => vi.useRealTimers();
  });

  const reset = (stream: ServerHttp2Stream) => stream.close(2);
  const unavailable = (stream: ServerHttp2Stream) =>
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' }, { endStream: true });

  it.each<[string, number, (stream: ServerHttp2Stream) => void]>([
    ['by a reset', 100, reset],
    ['by a reset, a moment too early', 90, reset],
    ['by its own answer', 100, unavailable],
  ])('becomes DEADLINE_EXCEEDED if a sidecar enforces the deadline, %s', async (_, after, end) => {
    const headers = { 'grpc-timeout': '100m' };
    const { answer: response, stream } = await call(WATCH, 'application/grpc-web+proto', frameOf(ODD), { headers });
    const reached = performance.now();
    while (performance.now() < reached + after) await pause(5);
    end(stream);
    expect(await (await response).text()).toContain('grpc-status: 4');
  });

  it('is not reported for a stream that breaks earlier', async () => {
    const headers = { 'grpc-timeout': '1H' };
    const { answer: response, stream, request } = await call(WATCH, 'application/grpc-web+proto', frameOf(ODD), { headers });
    await request;
    stream.close(2);
    expect(await (await response).text()).toContain('grpc-status: 14');
  });
});

it('closing does not wait for idle keep-alive connections', async () => {
  const other = createListener((exchange) => exchange.respond(200, {}, Buffer.from('yes')));
  const agent = new Agent({ keepAlive: true });
  const port = await other.listen('127.0.0.1', 0);
  await new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, (response) => response.resume().once('end', resolve)).once('error', reject);
  });
  await other.close();
  agent.destroy();
});

it('draining ends streams with UNAVAILABLE and RetryInfo, and finishes unary calls', async () => {
  const watching = await call(WATCH, 'application/connect+json', frameOf(Buffer.from('{}')));
  answer(watching.stream, [Buffer.alloc(0)], false);
  const stream = await watching.answer;
  const unary = await call(GET_CAR, 'application/proto', ODD);
  gateway.drain();
  const text = await stream.text();
  expect(text).toContain('"code":"unavailable"');
  expect(text).toContain('"reason":"STOPPING"');
  answer(unary.stream, [ODD], true);
  expect((await unary.answer).status).toBe(200);
});

it('a method of a system that does not run is not found, and served once the system runs', async () => {
  let runs = false;
  const other = await startGateway(
    (stream) => answer(stream, [ODD], true),
    () => runs,
  );
  const post = () => fetch(other.url + GET_CAR, { method: 'POST', headers: { 'content-type': 'application/proto' }, body: '' });
  expect((await post()).status).toBe(404);
  runs = true;
  expect((await post()).status).toBe(200);
  other.close();
});

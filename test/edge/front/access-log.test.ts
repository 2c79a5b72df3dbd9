import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { answer, type Front, startFront } from './envoy.ts';

const REFUSAL = { 'grpc-status': '9', 'grpc-message': 'sold out', 'error-reason': 'OUT_OF_STOCK' };

let front: Front;
beforeAll(async () => {
  front = await startFront({
    backend: (stream, headers) => {
      if (headers['x-refuse'] === undefined) answer(stream, [new Uint8Array()]);
      else stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...REFUSAL }, { endStream: true });
    },
  });
});
afterAll(() => front[Symbol.asyncDispose]());

/** The line of the request with a trace. */
async function lineOf(trace: string): Promise<Readonly<Record<string, unknown>>> {
  return await eventually('the access log has the request', () => {
    const line = front.accessLog().find(({ traceparent }) => String(traceparent).includes(trace));
    if (line === undefined) throw new Error(`there are ${front.accessLog().length} others`);
    return Promise.resolve(line);
  });
}

/** Sends a request in a trace of its own. */
async function send(trace: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { traceparent: `00-${trace}-00000000000000a1-01`, authorization: 'Bearer secret', ...init.headers };
  return await fetch(front.url + path, { ...init, headers });
}

it('has one line of JSON for a request, without its query, body and tokens', async () => {
  const trace = '1'.repeat(32);
  await send(trace, '/everything?secret=1', { method: 'POST', body: '{"text":"secret"}', headers: { 'content-type': 'application/json' } });
  const line = await lineOf(trace);
  expect(line).toMatchObject({ method: 'POST', path: '/everything', client: '127.0.0.1' });
  expect(line.status).toBeTypeOf('number');
  expect(line.duration).toBeTypeOf('number');
  expect(line.requestId).toBeTypeOf('string');
  expect(JSON.stringify(front.accessLog())).not.toContain('secret');
  expect(front.accessLog().filter(({ traceparent }) => String(traceparent).includes(trace))).toHaveLength(1);
});

it('has the reason of a refusal of a service, which the caller finds in the details alone', async () => {
  const trace = '2'.repeat(32);
  const response = await send(trace, '/everything/x', { headers: { 'x-refuse': '1' } });
  expect(response.status).toBe(400);
  expect(response.headers.get('error-reason')).toBeNull();
  expect(await lineOf(trace)).toMatchObject({ path: '/everything/x', status: 400, reason: 'OUT_OF_STOCK' });
});

it('has the reason of a refusal of the edge', async () => {
  const trace = '3'.repeat(32);
  const response = await send(trace, '/everything', { method: 'POST', body: '{}', headers: { origin: 'https://evil.example' } });
  expect(response.headers.get('error-reason')).toBeNull();
  expect(await lineOf(trace)).toMatchObject({ status: 403, reason: 'CROSS_SITE' });
});

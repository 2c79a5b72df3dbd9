import { describe, expect, it } from 'vitest';
import { rawCall } from '../../support/raw-grpc.ts';
import { answer, type Backend, type Front, messagesIn, SERVICE_CLUSTER, startFront } from './envoy.ts';

const TAKE = '/everything.v1.EverythingService/Take';
const DESTINATION = 'route: [{destination: {host: v1.everything.svc.cluster.local}}]';

const silent: Backend = () => undefined;

/** Counts answers with a gRPC status, and all that ended with one. */
async function counted(front: Front, status: number): Promise<{ status: number; total: number }> {
  const stat = async (name: string) => await front.stat(`cluster.${SERVICE_CLUSTER}.grpc.${name}`);
  return { status: await stat(String(status)), total: await stat('total') };
}

const grpc = async (front: Front, headers: Record<string, string> = {}) =>
  (await rawCall(`${front.host}:${front.port}`, TAKE, new Uint8Array(), headers)).headers;

const post = async (front: Front, headers: Record<string, string> = {}) =>
  await fetch(`${front.url}/everything`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', ...headers } });

describe('a call that the front leads to a service itself', () => {
  it('is not counted on the way to the outbound listener', async () => {
    await using front = await startFront({ backend: (stream) => answer(stream, [new Uint8Array()]) });
    expect((await post(front)).status).toBe(200);
    await grpc(front);
    expect(await front.stat('cluster.mesh.upstream_rq_total')).toBe(0);
    expect(await counted(front, 0)).toEqual({ status: 2, total: 2 });
  });

  it('has the timeout of the policy, which its service is told', async () => {
    const told: unknown[] = [];
    await using front = await startFront({
      policy: `[{timeout: 300ms, ${DESTINATION}}]`,
      backend: (_, headers) => told.push(headers['grpc-timeout']),
    });
    const response = await post(front);
    expect(response.status).toBe(503);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toEqual({
      code: 14,
      message: 'the service did not answer in time; try again',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'UPSTREAM_TIMEOUT', domain: 'rentmesh', metadata: {} },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1s' },
      ],
    });
    // A deadline that is later than the policy's timeout is not what has passed.
    for (const headers of [{}, { 'grpc-timeout': '20S' }])
      expect(await grpc(front, headers)).toMatchObject({ 'grpc-status': '14', 'retry-after': '1' });
    expect(told).toEqual(['300m', '300m', '300m']);
    expect(await front.stat(`cluster.${SERVICE_CLUSTER}.upstream_rq_timeout`)).toBe(3);
    expect(await counted(front, 14)).toEqual({ status: 3, total: 3 });
  });

  it.each([
    ['of the policy', `[{timeout: 20s, ${DESTINATION}}]`],
    ['of one try', `[{timeout: 20s, retries: {attempts: 3, perTryTimeout: 10s, retryOn: unavailable}, ${DESTINATION}}]`],
    ['of the front', undefined],
  ])('with a deadline before the timeout %s is DEADLINE_EXCEEDED', async (_, policy) => {
    await using front = await startFront({ backend: silent, ...(policy === undefined ? {} : { policy }) });
    expect(await grpc(front, { 'grpc-timeout': '200m' })).toMatchObject({ 'grpc-status': '4' });
    const response = await post(front, { 'grpc-timeout': '200m' });
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ code: 4, details: [{ reason: 'DEADLINE_EXCEEDED' }] });
  });

  it('is tried again as the policy says', async () => {
    const attempts: unknown[] = [];
    await using front = await startFront({
      policy: `[{retries: {attempts: 2, retryOn: unavailable, backoff: 1ms}, ${DESTINATION}}]`,
      backend: async (stream, headers) => {
        attempts.push(headers['x-envoy-attempt-count']);
        await messagesIn(stream);
        if (attempts.length % 2 === 0) answer(stream, [new Uint8Array()]);
        else stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' }, { endStream: true });
      },
    });
    expect((await post(front)).status).toBe(200);
    expect(await grpc(front)).not.toHaveProperty('grpc-status', '14');
    expect(attempts).toEqual(['1', '2', '1', '2']);
    expect(await front.stat(`cluster.${SERVICE_CLUSTER}.upstream_rq_retry_success`)).toBe(2);
  });

  it('beyond a limit of the policy is refused in the form of its caller, and counted', async () => {
    await using front = await startFront({ backend: silent, rule: '{connectionPool: {http: {http2MaxRequests: 1}}}' });
    const leaving = new AbortController();
    const running = fetch(`${front.url}/everything/x`, { signal: leaving.signal }).catch(() => undefined);
    await expect.poll(() => front.stat(`cluster.${SERVICE_CLUSTER}.upstream_rq_active`), { timeout: 20_000 }).toBe(1);
    const response = await post(front);
    expect(response.status).toBe(503);
    expect(response.headers.get('grpc-status')).toBeNull();
    expect(await response.json()).toMatchObject({ code: 14, details: [{ reason: 'OVERLOADED' }, { retryDelay: '1s' }] });
    expect(await grpc(front)).toMatchObject({ 'grpc-status': '14', 'content-type': 'application/grpc' });
    expect(await counted(front, 14)).toEqual({ status: 2, total: 2 });
    leaving.abort();
    await running;
  });

  it('follows matches and header operations', async () => {
    const got: Record<string, unknown>[] = [];
    await using front = await startFront({
      policy: `[{match: [{headers: {x-tag: {exact: a}}}], headers: {request: {set: {x-set: by-policy}}, response: {set: {x-answered: by-policy}}}, ${DESTINATION}},
        {${DESTINATION}}]`,
      backend: (stream, headers) => {
        got.push(headers);
        answer(stream, [new Uint8Array()]);
      },
    });
    expect((await post(front, { 'x-tag': 'a' })).headers.get('x-answered')).toBe('by-policy');
    expect((await post(front)).headers.get('x-answered')).toBeNull();
    expect(got.map((headers) => headers['x-set'])).toEqual(['by-policy', undefined]);
    expect(got[0]).toMatchObject({ ':authority': 'v1.everything.svc.cluster.local:50051', ':path': TAKE });
  });
});

describe('a call whose policy has a fault', () => {
  it('goes by the outbound listener, which makes the fault', async () => {
    await using front = await startFront({
      policy: `[{fault: {abort: {grpcStatus: UNAVAILABLE, percentage: {value: 100}}}, ${DESTINATION}}]`,
      backend: (stream) => answer(stream, [new Uint8Array()]),
    });
    expect((await post(front)).status).toBe(200);
    expect(await front.stat('cluster.mesh.upstream_rq_total')).toBe(1);
    expect(await front.stat(`cluster.${SERVICE_CLUSTER}.upstream_rq_total`)).toBe(0);
  });
});

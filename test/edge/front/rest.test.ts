import { Code } from '@connectrpc/connect';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ErrorInfo } from '#proto/google/rpc/error_details.ts';
import { Status } from '#proto/google/rpc/status.ts';
import { answer, type Backend, type Front, startFront } from './envoy.ts';

let front: Front;
/** How the service answers. */
let service: Backend;

beforeAll(async () => {
  front = await startFront({ backend: (stream, headers) => service(stream, headers) });
});
afterAll(() => front[Symbol.asyncDispose]());

/** Answers with a status and nothing else, as services and sidecars do. */
function refuse(code: Code, headers: Record<string, string> = {}): Backend {
  return (stream) =>
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(code), ...headers }, { endStream: true });
}

/** A google.rpc.Status with one reason. */
function details(code: Code, reason: string): string {
  const value = Buffer.from(ErrorInfo.encode({ reason, domain: 'rentmesh', metadata: {} }).finish());
  const status = { code, message: 'too late', details: [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value }] };
  return Buffer.from(Status.encode(status).finish()).toString('base64');
}

describe('an answer of REST', () => {
  it.each<[string, string, Backend]>([
    ['that is well', '/everything/x', (stream) => answer(stream, [new Uint8Array()], { 'grpc-accept-encoding': 'identity,gzip' })],
    ['that is an error', '/everything/x', refuse(Code.NotFound, { 'grpc-status-details-bin': details(Code.NotFound, 'NOT_THERE') })],
    ['that is a stream', '/everything/x:watch', (stream) => answer(stream, [new Uint8Array()], { 'grpc-encoding': 'identity' })],
  ])('%s has no fields of gRPC', async (_, path, backend) => {
    service = backend;
    const response = await fetch(front.url + path);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect([...response.headers.keys()].filter((name) => name.startsWith('grpc-'))).toEqual([]);
  });
});

describe('a status without details', () => {
  beforeEach(() => {
    service = refuse(Code.DeadlineExceeded, { 'grpc-message': 'Deadline exceeded' });
  });

  it.each([
    ['UNAVAILABLE', Code.Unavailable, 'UPSTREAM_UNAVAILABLE'],
    ['DEADLINE_EXCEEDED, where the caller has set no deadline,', Code.DeadlineExceeded, 'UPSTREAM_TIMEOUT'],
  ])('%s is told as the sidecars tell it: with a reason, and when to come back', async (_, code, reason) => {
    service = refuse(code);
    const response = await fetch(`${front.url}/everything/x`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ code: 14, message: expect.any(String), details: [{ reason }, { retryDelay: '1s' }] });
  });

  it('DEADLINE_EXCEEDED is left to a caller that has set a deadline', async () => {
    const response = await fetch(`${front.url}/everything/x`, { headers: { 'grpc-timeout': '20S' } });
    expect(response.status).toBe(504);
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await response.json()).toMatchObject({ code: 4, message: 'Deadline exceeded' });
  });

  it('DEADLINE_EXCEEDED of which a service tells more is left as it is', async () => {
    service = refuse(Code.DeadlineExceeded, { 'grpc-status-details-bin': details(Code.DeadlineExceeded, 'DEADLINE_EXCEEDED') });
    const response = await fetch(`${front.url}/everything/x`);
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ code: 4, details: [{ reason: 'DEADLINE_EXCEEDED' }] });
  });
});

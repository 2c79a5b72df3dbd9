import { connect, type IncomingHttpHeaders } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Status } from '#proto/google/rpc/status.ts';
import { rawCall } from '../../support/raw-grpc.ts';
import { answer, type Backend, type Front, frameOf, messagesIn, startFront } from './envoy.ts';

const TAKE = '/everything.v1.EverythingService/Take';
const SERVICE = 'v1.everything.svc.cluster.local:50051';
const GATEWAY = 'gateway.edge.svc.cluster.local:50051';

let front: Front;
/** The last request. */
let got: IncomingHttpHeaders;

beforeAll(async () => {
  front = await startFront({
    backend: async (stream, headers) => {
      got = headers;
      await messagesIn(stream);
      answer(stream, [new Uint8Array()]);
    },
  });
});
afterAll(() => front[Symbol.asyncDispose]());

/** Sends a gRPC request with other headers than usual, and tells whom it was for. */
async function askedBy(headers: Record<string, string>): Promise<string | undefined> {
  const session = connect(front.url);
  try {
    const call = session.request({ ':method': 'POST', ':path': TAKE, 'content-type': 'application/grpc', te: 'trailers', ...headers });
    call.end(frameOf(new Uint8Array()));
    await new Promise((resolve, reject) => call.once('end', resolve).once('error', reject).resume());
    return got[':authority'];
  } finally {
    session.close();
  }
}

describe('a gRPC request', () => {
  it.each([
    ['with binary messages', {}],
    ['that says so', { 'content-type': 'application/grpc+proto' }],
    ['without compression', { 'grpc-encoding': 'identity' }],
    ['compressed by gzip', { 'grpc-encoding': 'gzip' }],
    ['compressed by deflate', { 'grpc-encoding': 'deflate' }],
  ])('%s goes to the service', async (_, headers) => {
    expect(await askedBy(headers)).toBe(SERVICE);
  });

  it.each([
    ['by another HTTP method', { ':method': 'PUT' }],
    ['with JSON', { 'content-type': 'application/grpc+json' }],
    ['with a codec that nobody knows', { 'content-type': 'application/grpc+foo' }],
    ['with a compression that nobody knows', { 'grpc-encoding': 'foo' }],
  ])('%s goes to the gateway, which knows what to answer: a service would not look at it', async (_, headers) => {
    expect(await askedBy(headers)).toBe(GATEWAY);
  });
});

describe('a gRPC stream', () => {
  const WATCH = '/everything.v1.EverythingService/Watch';

  it('goes to the gateway, which alone is told its deadline: a sidecar would reset it', async () => {
    expect(await askedBy({ ':path': WATCH, 'grpc-timeout': '20S', 'rentmesh-timeout': '1n' })).toBe(GATEWAY);
    expect(got).toMatchObject({ 'rentmesh-timeout': '20S' });
    expect(got).not.toHaveProperty('grpc-timeout');
  });

  it('without a deadline has none', async () => {
    expect(await askedBy({ ':path': WATCH })).toBe(GATEWAY);
    expect(got).not.toHaveProperty('rentmesh-timeout');
  });

  it('whose deadline has passed is told so, also where that is all that is known', async () => {
    const late: Backend = (stream) =>
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '4' }, { endStream: true });
    await using other = await startFront({ backend: late });
    const { headers } = await rawCall(`${other.host}:${other.port}`, WATCH, new Uint8Array(), { 'grpc-timeout': '20S' });
    expect(headers).toMatchObject({ 'grpc-status': '4' });
  });

  it('that was asked for by REST goes to the service, so that its caller sees where it breaks off', async () => {
    await fetch(`${front.url}/everything/x:watch`);
    expect(got[':authority']).toBe(SERVICE);
  });
});

describe('a call whose answer does not come', () => {
  it.each([
    ['with a deadline of its own is DEADLINE_EXCEEDED', { 'grpc-timeout': '200m' }, { 'grpc-status': '4' }],
    ['with none is UNAVAILABLE after the bound of the front', {}, { 'grpc-status': '14', 'retry-after': '1' }],
  ])('%s, and its details say nothing else', async (_, headers, told) => {
    await using silent = await startFront({ backend: () => undefined, limits: { unary: 1 } });
    const { headers: received } = await rawCall(`${silent.host}:${silent.port}`, TAKE, new Uint8Array(), headers);
    expect(received).toMatchObject(told);
    const details = received['grpc-status-details-bin'];
    if (details !== undefined) expect(String(Status.decode(Buffer.from(String(details), 'base64')).code)).toBe(received['grpc-status']);
  });

  it.each(['application/grpc', 'application/grpc+json'])('is told in the content type that its caller reads: %s', async (type) => {
    await using silent = await startFront({ backend: () => undefined });
    const asked = { 'grpc-timeout': '100m', 'content-type': type };
    const { headers } = await rawCall(`${silent.host}:${silent.port}`, TAKE, new Uint8Array(), asked);
    expect(headers).toMatchObject({ 'content-type': type, 'grpc-status': '4' });
  });
});

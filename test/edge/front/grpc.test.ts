import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, type Front, frameOf, messagesIn, startFront } from './envoy.ts';

const TAKE = '/everything.v1.EverythingService/Take';
const SERVICE = 'v1.everything.svc.cluster.local:50051';
const GATEWAY = 'gateway.edge.svc.cluster.local:50051';

let front: Front;
/** Whom the last request was for. */
let asked: string | undefined;

beforeAll(async () => {
  front = await startFront({
    backend: async (stream, headers) => {
      asked = headers[':authority'];
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
    return asked;
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

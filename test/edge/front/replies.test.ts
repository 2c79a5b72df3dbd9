import { createFileRegistry, type DescService, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorInfo, RetryInfo } from '#proto/google/rpc/error_details.ts';
import { everythingImage, type Front, startFront } from './envoy.ts';

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, everythingImage()));
const EverythingService = registry.getService('everything.v1.EverythingService') as DescService;

let front: Front;
beforeAll(async () => {
  front = await startFront({ backend: () => undefined, limits: { unary: 1 } });
});
afterAll(() => front[Symbol.asyncDispose]());

const transports = {
  'Connect with JSON': () => createConnectTransport({ baseUrl: front.url, httpVersion: '1.1', useBinaryFormat: false }),
  'Connect with binary messages': () => createConnectTransport({ baseUrl: front.url, httpVersion: '2', useBinaryFormat: true }),
  'Connect by GET': () => createConnectTransport({ baseUrl: front.url, httpVersion: '1.1', useHttpGet: true }),
  'gRPC-Web': () => createGrpcWebTransport({ baseUrl: front.url, httpVersion: '1.1' }),
  'gRPC-Web with JSON': () => createGrpcWebTransport({ baseUrl: front.url, httpVersion: '1.1', useBinaryFormat: false }),
};

type Name = keyof typeof transports;
const names = Object.keys(transports) as Name[];

/** The error of a unary call. */
async function unaryError(name: Name): Promise<ConnectError> {
  // The service is known at run time only.
  const client = createClient(EverythingService, transports[name]()) as Record<string, (request: object) => Promise<unknown>>;
  return await (client.get?.({}) ?? Promise.reject(new Error('there is no such method'))).then(
    () => expect.fail('the call has succeeded'),
    (error: unknown) => ConnectError.from(error),
  );
}

/** The error of a stream. */
async function streamError(name: Name): Promise<ConnectError> {
  const client = createClient(EverythingService, transports[name]()) as unknown as Record<
    string,
    (request: object) => AsyncIterable<unknown>
  >;
  try {
    for await (const message of client.watch?.({}) ?? []) expect.fail(`there is a message: ${JSON.stringify(message)}`);
  } catch (error) {
    return ConnectError.from(error);
  }
  return expect.fail('the stream has ended well');
}

function infoIn(error: ConnectError): ErrorInfo | undefined {
  const [detail] = error.details.filter((each) => 'type' in each && each.type === 'google.rpc.ErrorInfo');
  return detail && 'value' in detail && detail.value instanceof Uint8Array ? ErrorInfo.decode(detail.value) : undefined;
}

function retriesIn(error: ConnectError): RetryInfo | undefined {
  const [detail] = error.details.filter((each) => 'type' in each && each.type === 'google.rpc.RetryInfo');
  return detail && 'value' in detail && detail.value instanceof Uint8Array ? RetryInfo.decode(detail.value) : undefined;
}

describe('an answer that takes too long', () => {
  it.each(names)('is an error that a client of %s understands', async (name) => {
    const error = await unaryError(name);
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: 'the service did not answer in time; try again' });
    expect(infoIn(error)).toMatchObject({ reason: 'UPSTREAM_TIMEOUT', domain: 'rentmesh' });
  });
});

describe('a service that cannot be reached', () => {
  beforeAll(() => front.endBackend());

  it.each(names)('is UNAVAILABLE with its reason for a unary call of %s', async (name) => {
    const error = await unaryError(name);
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: 'the service cannot be reached now; try again' });
    expect(infoIn(error)).toMatchObject({ reason: 'UPSTREAM_UNAVAILABLE', domain: 'rentmesh' });
    expect(retriesIn(error)?.retryDelay).toMatchObject({ seconds: 1 });
    expect(error.metadata.get('retry-after')).toBe('1');
  });

  it.each(names)('is UNAVAILABLE with its reason for a stream of %s', async (name) => {
    const error = await streamError(name);
    expect(error).toMatchObject({ code: Code.Unavailable });
    expect(infoIn(error)).toMatchObject({ reason: 'UPSTREAM_UNAVAILABLE', domain: 'rentmesh' });
  });

  it('is a google.rpc.Status with Retry-After for REST', async () => {
    const response = await fetch(`${front.url}/everything/x`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ code: 14, details: [{ reason: 'UPSTREAM_UNAVAILABLE' }, { retryDelay: '1s' }] });
  });
});

describe('a method that is not offered', () => {
  it('is unimplemented for Connect', async () => {
    const response = await fetch(`${front.url}/everything.v1.EverythingService/Nothing`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ code: 'unimplemented', message: 'no method is offered under this path', details: [] });
  });

  it('is UNIMPLEMENTED for gRPC-Web', async () => {
    const headers = { 'content-type': 'application/grpc-web+proto' };
    const response = await fetch(`${front.url}/everything.v1.EverythingService/Nothing`, { method: 'POST', headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/grpc-web+proto');
    const body = Buffer.from(await response.arrayBuffer());
    expect([body[0], body.readUInt32BE(1)]).toEqual([0x80, body.length - 5]);
    expect(body.subarray(5).toString()).toBe('grpc-status: 12\r\ngrpc-message: no%20method%20is%20offered%20under%20this%20path\r\n');
  });

  it('is NOT_FOUND for REST', async () => {
    const response = await fetch(`${front.url}/nothing/here`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 5, details: [{ reason: 'METHOD_NOT_FOUND' }] });
  });
});

import { Client, credentials, Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readImage } from './contracts.ts';
import { type RpcError, toRpcError } from './errors.ts';
import { HealthService } from './health.ts';
import { addReflection } from './reflection.ts';

const server = new Server();
let client: Client;

beforeAll(async () => {
  const health = new HealthService(async () => 'SERVING');
  health.addTo(server, pino({ level: 'silent' }));
  health.start();
  addReflection(server, { image: readImage });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

const same = (bytes: Buffer) => bytes;

/** Sends bytes to a method. Resolves with the first message of the answer, or with the error. */
function call(path: string, bytes: Buffer): Promise<Buffer | RpcError> {
  return new Promise((resolve) => {
    const stream = client.makeBidiStreamRequest(path, same, same, new Metadata(), { deadline: Date.now() + 10_000 });
    stream.on('data', (answer: Buffer) => {
      resolve(answer);
      stream.cancel();
    });
    stream.on('error', (error: ServiceError) => resolve(toRpcError(error)));
    stream.end(bytes);
  });
}

const PATHS = [
  '/grpc.health.v1.Health/Check',
  '/grpc.health.v1.Health/Watch',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
];

describe.each(PATHS)('%s', (path) => {
  it('answers INVALID_ARGUMENT to bytes that are not a message', async () => {
    expect(await call(path, Buffer.from([0x0a, 0x05]))).toMatchObject({ code: status.INVALID_ARGUMENT, reason: 'MALFORMED_MESSAGE' });
  });

  it('answers a message', async () => {
    // A health request for the whole server; a reflection request that asks nothing.
    expect(await call(path, Buffer.alloc(0))).toBeInstanceOf(Buffer);
  });
});

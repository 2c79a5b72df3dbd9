import { Client, credentials, Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Health } from './client.ts';
import { HealthService } from './health.ts';

it('a watch of health follows the check, and ends with NOT_SERVING when the server stops', async () => {
  let current: Health = 'SERVICE_UNKNOWN';
  const health = new HealthService(async () => current);
  const server = new Server();
  health.addTo(server, pino({ level: 'silent' }));
  health.start();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const watch = client.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes.at(1),
    Buffer.alloc(0),
    new Metadata(),
  );
  const received: unknown[] = [];
  watch.on('data', (serving: number) => received.push(serving));
  const ended = new Promise<{ code: status }>((resolve) => watch.once('status', resolve));
  await expect.poll(() => received, { timeout: 10_000 }).toEqual([3]);
  current = 'SERVING';
  await expect.poll(() => received, { timeout: 10_000 }).toEqual([3, 1]);
  health.stop();
  expect((await ended).code).toBe(status.OK);
  expect(received).toEqual([3, 1, 2]);
  client.close();
  server.forceShutdown();
});

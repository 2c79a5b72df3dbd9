import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Client, credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bytesMethod } from '../testing/bytes-method.ts';
import type { CallContext } from './call.ts';
import { Peers } from './client.ts';
import { releaseEndedCalls } from './ended-calls.ts';
import { addService } from './server.ts';

/** What V8 may promote of one call that calls another service; 12 KB, and 33 KB without `releaseEndedCalls`. */
const PROMOTED_BYTES = 20_000;
const CALLS_AT_ONCE = 16;

const same = (bytes: Buffer) => bytes;
const orders = {
  order: bytesMethod('/shop.order.v1.OrderService/Order'),
  hurry: bytesMethod('/shop.order.v1.OrderService/Hurry'),
} as const;
const stocks = { take: bytesMethod('/shop.stock.v1.StockService/Take'), watch: bytesMethod('/shop.stock.v1.StockService/Watch') } as const;

/** A call of `hurry` has reached the other service; and how that call has ended. */
const [watched, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<unknown>()];

const server = new Server({ 'grpc.enable_channelz': 0 });
let client: Client;
let peers: Peers;

beforeAll(async () => {
  releaseEndedCalls();
  const options = { log: pino({ level: 'silent' }), decoders: () => same, stop: new AbortController().signal };
  const watch = (_thing: Buffer, { signal }: CallContext) => {
    watched.resolve();
    return new Promise<Buffer>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  };
  addService(server, stocks, { take: async (thing) => thing, watch }, options);
  const hurry = async (thing: Buffer, context: CallContext) => {
    peers.client(stocks).watch(thing, context).catch(ended.resolve);
    await watched.promise;
    return thing;
  };
  addService(server, orders, { order: (thing, context) => peers.client(stocks).take(thing, context), hurry }, options);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  peers = new Peers(`127.0.0.1:${port}`);
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.enable_channelz': 0 });
});

afterAll(() => {
  client.close();
  peers.close();
  server.forceShutdown();
});

it('leaves nothing of ended calls to a full collection', async () => {
  setFlagsFromString('--expose-gc');
  // The function that the flag adds to new contexts.
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  const promoted = () => {
    for (let time = 0; time < 3; time++) collect({ type: 'minor' });
    return getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? Number.NaN;
  };
  await rounds(30);
  collect();
  const before = promoted();
  await rounds(20);
  expect((promoted() - before) / (20 * CALLS_AT_ONCE)).toBeLessThan(PROMOTED_BYTES);
});

it('still cancels what a call has begun and not waited for', async () => {
  await call(orders.hurry.path);
  expect(await ended.promise).toMatchObject({ code: status.CANCELLED });
});

/** Calls in groups, each after the answers of the one before. */
async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round++) await Promise.all(Array.from({ length: CALLS_AT_ONCE }, () => call(orders.order.path)));
}

function call(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, Buffer.from('car'), (error) => (error === null ? resolve() : reject(error)));
  });
}

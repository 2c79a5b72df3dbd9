import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Client, credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Peers } from './client.ts';
import { releaseEndedCalls } from './ended-calls.ts';
import { addService } from './server.ts';

/** What V8 may promote of one call that calls another service; 12 KB, and 33 KB without `releaseEndedCalls`. */
const PROMOTED_BYTES = 20_000;
const CALLS_AT_ONCE = 16;

const same = (bytes: Buffer) => bytes;
const method = (path: string) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});
const orders = { order: method('/shop.order.v1.OrderService/Order') } as const;
const stocks = { take: method('/shop.stock.v1.StockService/Take') } as const;

const server = new Server({ 'grpc.enable_channelz': 0 });
let client: Client;
let peers: Peers;

beforeAll(async () => {
  releaseEndedCalls();
  const options = { log: pino({ level: 'silent' }), decoders: () => same, stop: new AbortController().signal };
  addService(server, stocks, { take: async (thing) => thing }, options);
  addService(server, orders, { order: (thing, context) => peers.client(stocks).take(thing, context) }, options);
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

/** Calls in groups, each after the answers of the one before. */
async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round++) await Promise.all(Array.from({ length: CALLS_AT_ONCE }, call));
}

function call(): Promise<void> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(orders.order.path, same, same, Buffer.from('car'), (error) => (error === null ? resolve() : reject(error)));
  });
}

import { createServer } from 'node:net';
import { MongoClient, MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { lostStore } from './lost-store.ts';

/** A port of this machine that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a lost store', () => {
  it('is a MongoDB that cannot be reached, for a write as for a bulk of writes', async () => {
    const client = new MongoClient(`mongodb://127.0.0.1:${await closedPort()}`, { serverSelectionTimeoutMS: 50 });
    const things = client.db('shop').collection('things');
    const one = things.updateOne({}, { $set: { a: 1 } }).catch((error: unknown) => error);
    expect(lostStore(await one)).toBe(true);
    const bulk = things.bulkWrite([{ insertOne: { document: {} } }], { ordered: false }).catch((error: unknown) => error);
    expect(lostStore(await bulk)).toBe(true);
    await client.close();
  });

  it('is a MongoDB server that is no longer the primary, and not one that refuses a write', () => {
    expect(lostStore(new MongoServerError({ message: 'not primary', code: 10107 }))).toBe(true);
    expect(lostStore(new MongoServerError({ message: 'document failed validation', code: 121 }))).toBe(false);
  });
});

import { Metadata, status } from '@grpc/grpc-js';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Projection } from '#kit/projection/projection.ts';
import { changeReader } from '#kit/projection/row-changes.ts';
import { RowStore } from '#kit/projection/row-store.ts';
import { Charged, type Delivered, delivered, type ItemShape, items, lifeOf, Opened, STATUS, Used } from '#kit/projection/testing.ts';
import type { ServerCall } from '#kit/rpc/call.ts';
import { newId } from '#kit/runtime/ids.ts';
import { tested } from '../support/tested/index.ts';

const LIMIT = 20;
const ROWS = 4000;
const statuses = Object.values(STATUS);

let client: MongoClient;
let store: RowStore<ItemShape>;

/** Returns the documents that the server read since its start. mongod and the emulator count them alike. */
async function scannedObjects(): Promise<number> {
  const { metrics } = await client.db('admin').command({ serverStatus: 1 });
  return metrics.queryExecutor.scannedObjects;
}

async function apply(deliveries: readonly Delivered[]): Promise<string[]> {
  const events = deliveries.map(({ event }) => event);
  return await store.apply(
    changeReader(items)(
      events,
      deliveries.map(({ envelope }) => envelope),
    ),
  );
}

/** Connects to a database that only this file uses. */
beforeAll(async () => {
  await tested.withStores(async ({ mongoUri }) => {
    client = await new MongoClient(mongoUri('projection_test')).connect();
  });
  await client.db().dropDatabase();
  store = new RowStore(client.db(), items);
  await store.createIndexes();
});

afterAll(async () => {
  await client.db().dropDatabase();
  await client.close();
});

describe('a list of rows', () => {
  const keys = Array.from({ length: ROWS }, () => newId()).sort();

  beforeAll(async () => {
    const documents = keys.map((_id, number) => ({
      ...{ _id, owner: number % 2 === 0 ? 'frequent' : `owner ${number}`, status: statuses[number % 4] ?? STATUS.OPEN },
      ...{ front: { version: 1, negatedTime: -number }, applyTime: new Date(0) },
    }));
    await client.db().collection<(typeof documents)[number]>('items').insertMany(documents);
  });

  it.each([
    ['all rows', '', 0, 0],
    ['all rows, a deep page', '', 0, ROWS / 2],
    ['an owner', 'frequent', 0, 0],
    ['an owner, a deep page', 'frequent', 0, ROWS / 2],
    ['a status', '', STATUS.CLOSED, 0],
    ['a status, a deep page', '', STATUS.CLOSED, ROWS / 2],
    ['an owner and a status', 'frequent', STATUS.CLOSED, 0],
    ['an owner and a status, a deep page', 'frequent', STATUS.CLOSED, ROWS / 2],
    ['an owner and a status that no row has', 'frequent', STATUS.CHARGED, 0],
  ])('reads only the documents that it returns: %s', async (_, owner, wanted, position) => {
    const after = position === 0 ? undefined : keys[position];
    const expected = keys.filter(
      (_id, number) =>
        (owner === '' || number % 2 === 0) && (wanted === 0 || statuses[number % 4] === wanted) && (position === 0 || number > position),
    );
    const before = await scannedObjects();
    const found = await store.list({ values: { owner, status: wanted }, after, limit: LIMIT });
    const scanned = (await scannedObjects()) - before;
    expect(found.map(({ key }) => key)).toEqual(expected.slice(0, LIMIT));
    expect(scanned).toBeLessThanOrEqual(LIMIT);
  });
});

describe('a row', () => {
  it.each([
    ['in order', [0, 1, 2, 3, 4]],
    ['in reverse', [4, 3, 2, 1, 0]],
    ['twice', [0, 2, 0, 1, 3, 4, 2, 1]],
  ])('is the same whether events arrive one by one or together: %s', async (_, order) => {
    for (const together of [true, false]) {
      const itemId = newId();
      const usageId = newId();
      const life = lifeOf(itemId, usageId);
      const events = order.flatMap((index) => life[index] ?? []);
      if (together) await apply(events);
      else for (const each of events) await apply([each]);
      const row = await store.find(itemId);
      expect(row).toMatchObject({ key: itemId, status: STATUS.REFUNDED, updateTime: new Date(4000), progress: [2, 2, 1, 5] });
      expect(row?.details).toEqual({ owner: 'frequent', usageId, place: 'here' });
      expect([...(row?.times.keys() ?? [])]).toEqual(['Opened', 'Charged', 'Used', 'Closed', 'Refunded']);
      expect(row?.states.map((state) => state.status)).toEqual(statuses);
    }
  });

  it('keeps its update time when an event is published again later', async () => {
    const itemId = newId();
    for (const time of [1000, 9000]) await apply([delivered(Opened, { itemId, version: 1, owner: 'o', ownerId: newId() }, time)]);
    expect((await store.find(itemId))?.updateTime).toEqual(new Date(1000));
  });

  it('changes with every row of its alias, and its key is reported', async () => {
    const [one, other, usageId] = [newId(), newId(), newId()];
    await apply([one, other].map((itemId) => delivered(Charged, { itemId, version: 1, usageId })));
    expect((await apply([delivered(Used, { usageId, version: 1, place: 'here' })])).sort()).toEqual([one, other].sort());
    for (const key of [one, other]) expect((await store.find(key))?.details).toMatchObject({ place: 'here' });
  });
});

describe('changes of rows', () => {
  it('are reported to every reader, and cost no reads while nothing changes', async () => {
    const readers = [store.changes(), store.changes()];
    for (const changes of readers) await changes();
    const itemId = newId();
    await apply(lifeOf(itemId));
    for (const changes of readers) expect(await changes()).toContain(itemId);
    const [changes] = readers;
    await expect.poll(async () => (await changes?.())?.length, { timeout: 20_000, interval: 200 }).toBe(0);
    const before = await scannedObjects();
    await changes?.();
    expect((await scannedObjects()) - before).toBe(0);
  });
});

describe('a projection', () => {
  /** A call, as far as get reads it. */
  function context() {
    const call = { metadata: new Metadata() } as unknown as ServerCall;
    return {
      ...{ metadata: call.metadata, headers: new Metadata(), signal: new AbortController().signal },
      idempotencyKey: undefined,
      actingUser: undefined,
      call,
    };
  }

  it('stores events, returns the row with its ETag, and reports the change to a watch', async () => {
    const projection = new Projection(items, store);
    const [handler] = projection.handlers();
    const itemId = newId();
    const end = new AbortController();
    const states = projection.watch(itemId, '', end.signal);
    const first = states.next();
    const life = lifeOf(itemId);
    await handler?.apply(
      life.map(({ event }) => event),
      undefined as never,
      life.map(({ envelope }) => envelope),
    );
    expect((await first).value).toMatchObject({ view: { key: itemId }, resumeToken: '2-2-1-5' });
    const answered = context();
    expect(await projection.get(itemId, answered)).toMatchObject({ key: itemId, status: STATUS.REFUNDED });
    expect(answered.headers.get('etag')).toEqual(['"2-2-1-5"']);
    end.abort(new Error('the caller cancelled'));
  });

  it('answers NOT_FOUND for a row without events', async () => {
    const found = new Projection(items, store).get(newId(), context());
    await expect(found).rejects.toMatchObject({ code: status.NOT_FOUND, reason: 'ITEM_NOT_FOUND' });
  });
});

import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../services/kit/runtime/ids.ts';
import { STATUS, type Status } from '../../services/rentcar/mypage/domain.ts';
import { type MypageEvent, MypageStore, updateTimeOf } from '../../services/rentcar/mypage/store.ts';
import { tested } from '../support/tested/index.ts';

const LIMIT = 20;
const VIEWS = 4000;

const statuses: readonly Status[] = Object.values(STATUS);

let client: MongoClient;
let store: MypageStore;

/** Documents that the server read since its start. mongod and the emulator count them alike. */
async function scannedObjects(): Promise<number> {
  const { metrics } = await client.db('admin').command({ serverStatus: 1 });
  return metrics.queryExecutor.scannedObjects;
}

function event(reservationId: string, source: 'reservation' | 'rental', version: number, status: Status, time = 0): MypageEvent {
  return { reservationId, source, version, status, details: { carId: 'car', userId: 'user' }, time: new Date(time) };
}

/** Connects to a database that only this file uses. */
beforeAll(async () => {
  await tested.withStores(async ({ mongoUri }) => {
    client = await new MongoClient(mongoUri('rentcar_views_test')).connect();
  });
  await client.db().dropDatabase();
  store = new MypageStore(client.db());
  await store.createIndexes();
});

afterAll(async () => {
  await client.db().dropDatabase();
  await client.close();
});

describe('a list of views', () => {
  const ids = Array.from({ length: VIEWS }, () => newId()).sort();

  beforeAll(async () => {
    const documents = ids.map((_id, number) => ({
      ...{ _id, carId: newId(), userId: number % 2 === 0 ? 'frequent' : `user ${number}` },
      ...{ status: statuses[number % 4] ?? STATUS.RESERVED, reservation: { version: 1, negatedTime: -number }, applyTime: new Date(0) },
    }));
    await client.db().collection<(typeof documents)[number]>('mypages').insertMany(documents);
  });

  it.each([
    ['all views', '', undefined, 0],
    ['all views, a deep page', '', undefined, VIEWS / 2],
    ['a user', 'frequent', undefined, 0],
    ['a user, a deep page', 'frequent', undefined, VIEWS / 2],
    ['a status', '', STATUS.CANCELLED, 0],
    ['a status, a deep page', '', STATUS.CANCELLED, VIEWS / 2],
    ['a user and a status', 'frequent', STATUS.CANCELLED, 0],
    ['a user and a status, a deep page', 'frequent', STATUS.CANCELLED, VIEWS / 2],
    ['a user and a status that no view has', 'frequent', STATUS.ALLOCATED, 0],
  ])('reads only the documents that it returns: %s', async (_, userId, status, position) => {
    const after = position === 0 ? undefined : ids[position];
    const expected = ids.filter(
      (_id, number) =>
        (userId === '' || number % 2 === 0) &&
        (status === undefined || statuses[number % 4] === status) &&
        (position === 0 || number > position),
    );
    const before = await scannedObjects();
    const found = await store.list({ userId, status, after, limit: LIMIT });
    const scanned = (await scannedObjects()) - before;
    expect(found.map(({ _id }) => _id)).toEqual(expected.slice(0, LIMIT));
    expect(scanned).toBeLessThanOrEqual(LIMIT);
  });
});

describe('the view of a reservation', () => {
  const told = (reservationId: string) => [
    event(reservationId, 'reservation', 1, STATUS.RESERVED, 1000),
    event(reservationId, 'rental', 1, STATUS.ALLOCATED, 2000),
    event(reservationId, 'reservation', 2, STATUS.CANCELLED, 3000),
    event(reservationId, 'rental', 2, STATUS.CANCELLED, 4000),
  ];

  it.each([
    ['in order', [0, 1, 2, 3]],
    ['in reverse', [3, 2, 1, 0]],
    ['twice', [0, 2, 0, 1, 3, 2, 1]],
  ])('is the same whether events arrive one by one or together: %s', async (_, order) => {
    for (const together of [true, false]) {
      const reservationId = newId();
      const events = order.flatMap((index) => told(reservationId)[index] ?? []);
      if (together) await store.apply(events);
      else for (const each of events) await store.apply([each]);
      const view = await store.find(reservationId);
      expect(view).toMatchObject({ status: STATUS.CANCELLED, reservation: { version: 2 }, rental: { version: 2 } });
      expect(view && updateTimeOf(view)).toEqual(new Date(4000));
    }
  });

  it('keeps its update time when an event is published again later', async () => {
    const reservationId = newId();
    await store.apply([event(reservationId, 'reservation', 1, STATUS.RESERVED, 1000)]);
    await store.apply([event(reservationId, 'reservation', 1, STATUS.RESERVED, 9000)]);
    const view = await store.find(reservationId);
    expect(view && updateTimeOf(view)).toEqual(new Date(1000));
  });
});

describe('changes of views', () => {
  it('are reported to every reader, and cost no reads while nothing changes', async () => {
    const readers = [store.changes(), store.changes()];
    for (const changes of readers) await changes();
    const reservationId = newId();
    await store.apply([event(reservationId, 'reservation', 1, STATUS.RESERVED)]);
    for (const changes of readers) expect(await changes()).toContain(reservationId);
    const [changes] = readers;
    await expect.poll(async () => (await changes?.())?.length, { timeout: 20_000, interval: 200 }).toBe(0);
    const before = await scannedObjects();
    await changes?.();
    expect((await scannedObjects()) - before).toBe(0);
  });
});

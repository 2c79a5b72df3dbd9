import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { topicOf } from '#kit/events/topics.ts';
import { FeeReceived, FeeRefunded } from '#proto/rentalsvc/billing/v1/events.ts';
import { StockTaken } from '#proto/rentalsvc/inventory/v1/events.ts';
import { DeliveryStarted, RetrievalStarted } from '#proto/rentalsvc/logistics/v1/events.ts';
import { RentalCancelled, RentalRequested } from '#proto/rentalsvc/order/v1/events.ts';
import { allConsumed, eventsOf } from '../support/events.ts';
import { each, eventually } from '../support/eventually.ts';
import { Tap, writeAll } from '../support/kafka.ts';
import { listAll } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { tested } from '../support/tested/index.ts';
import { addProduct, cancel, request, type TotalView } from './support/rentals.ts';

/** The events of a cancelled order. */
const TYPES = [RentalRequested, StockTaken, FeeReceived, DeliveryStarted, RentalCancelled, FeeRefunded, RetrievalStarted] as const;

/** All orders in which they can arrive. Those of one topic have one key, so they arrive in their order. */
const arrivals = interleavings([
  ['RentalRequested', 'RentalCancelled'],
  ['StockTaken'],
  ['FeeReceived', 'FeeRefunded'],
  ['DeliveryStarted', 'RetrievalStarted'],
]);

/** The longest time in which so many orders settle. */
const SETTLED_MS = 60_000;

let tap: Tap;
beforeAll(async () => {
  await runSystem('rentalsvc');
  tap = await Tap.open([...new Set(TYPES.map(({ $type }) => topicOf($type)))]);
});
afterAll(() => tap.close());

/** Returns all orders in which the items of sequences can follow each other: those of one sequence stay in their order. */
function interleavings<T>(sequences: readonly (readonly T[])[]): T[][] {
  const open = sequences.filter(({ length }) => length > 0);
  if (open.length === 0) return [[]];
  return open.flatMap((sequence) => {
    const others = interleavings(open.map((other) => (other === sequence ? other.slice(1) : other)));
    return others.map((rest) => [...sequence.slice(0, 1), ...rest]);
  });
}

/** Removes rows of totalview. */
async function removeViews(orderIds: readonly string[]): Promise<void> {
  await tested.withStores(async ({ mongoUri }) => {
    const client = new MongoClient(mongoUri('rentalsvc_totalview'));
    const removed = await client
      .db()
      .collection<{ _id: string }>('totalviews')
      .deleteMany({ _id: { $in: [...orderIds] } });
    await client.close();
    expect(removed.deletedCount).toBe(orderIds.length);
  });
}

it('totalview has the same row in all 630 orders in which the seven events of a cancelled order can arrive', async () => {
  expect(arrivals).toHaveLength(630);
  const userId = randomUUID();
  const { productId } = await addProduct(10_000);
  const orderIds = await each(arrivals, 16, async () => {
    const { orderId } = await request(productId, 1, { userId });
    await cancel(orderId);
    return orderId;
  });
  const readViews = async () => await listAll<TotalView>('/rentalsvc/totalviews', 'totalViews', { user_id: userId });
  const look = async () => {
    const settled = await readViews();
    expect(settled.filter(({ events }) => events.length === TYPES.length)).toHaveLength(arrivals.length);
    return settled;
  };
  const views = await eventually('the orders are settled', look, SETTLED_MS);
  const records = await eventually('all events are seen', () => {
    const seen = eventsOf(tap, TYPES, () => true);
    const published = new Map(seen.map(({ name, content, record }) => [`${name} ${content.orderId}`, record]));
    const found = orderIds.map((orderId, index) => (arrivals[index] ?? []).map((name) => published.get(`${name} ${orderId}`)));
    expect(found.flat()).not.toContain(undefined);
    return found;
  });
  await removeViews(orderIds);
  for (const step of TYPES.keys()) {
    await writeAll(records.flatMap((ofOrder) => ofOrder[step] ?? []));
    await allConsumed('rentalsvc');
  }
  expect(await readViews()).toEqual(views);
});

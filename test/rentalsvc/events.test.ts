import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FeeReceived, FeeRefunded } from '#proto/rentalsvc/billing/v1/events.ts';
import { InventoryStockShortage, StockTaken } from '#proto/rentalsvc/inventory/v1/events.ts';
import { DeliveryStarted, RetrievalStarted } from '#proto/rentalsvc/logistics/v1/events.ts';
import { RentalCancelled, RentalRequested } from '#proto/rentalsvc/order/v1/events.ts';
import { eventually } from '../support/eventually.ts';
import { consumed, Tap, write } from '../support/kafka.ts';
import { listAll } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { addProduct, CANCELLED, cancel, orderOf, qtyOf, RENTED, request, SHORT, viewBecomes, viewOf } from './support/rentals.ts';

/** The groups that apply the events of each topic. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'rentalsvc.order.v1': ['rentalsvc.inventory', 'rentalsvc.billing', 'rentalsvc.totalview'],
  'rentalsvc.inventory.v1': ['rentalsvc.order', 'rentalsvc.billing', 'rentalsvc.totalview'],
  'rentalsvc.inventory.v1.taken': ['rentalsvc.order', 'rentalsvc.totalview'],
  'rentalsvc.billing.v1': ['rentalsvc.logistics', 'rentalsvc.totalview'],
  'rentalsvc.logistics.v1': ['rentalsvc.totalview'],
};

/** All events, causes before effects. */
const TYPES = [
  ...[RentalRequested, StockTaken, FeeReceived, DeliveryStarted],
  ...[InventoryStockShortage, RentalCancelled, FeeRefunded, RetrievalStarted],
] as const;

let tap: Tap;
beforeAll(async () => {
  await runSystem('rentalsvc');
  tap = await Tap.open(Object.keys(GROUPS));
});
afterAll(() => tap.close());

/** The published events of an order, causes before effects. */
function eventsOf(orderId: string) {
  const found = tap.records.flatMap((record) => {
    const type = TYPES.find(({ $type }) => $type === record.headers.ce_type);
    return type?.decode(record.value).orderId === orderId ? [{ name: type.$type.split('.').at(-1) ?? '', type, record }] : [];
  });
  return TYPES.flatMap((wanted) => found.filter(({ type }) => type === wanted));
}

/** Everything that the system shows of an order. */
const everythingOf = async (orderId: string, productId: string) => ({
  order: await orderOf(orderId),
  bills: await listAll('/rentalsvc/bills', 'bills', { order_id: orderId }),
  deliveries: await listAll('/rentalsvc/deliveries', 'deliveries', { order_id: orderId }),
  view: await viewOf(orderId),
  qty: await qtyOf(productId),
});

describe.each([
  ['a cancelled order', 10, [...RENTED, ...CANCELLED]],
  ['an order that a shortage has cancelled', 110, SHORT],
] as const)('the events of %s', (_, qty, names) => {
  async function settled() {
    const { productId } = await addProduct(100);
    const { orderId } = await request(productId, qty);
    if (names !== SHORT) {
      await viewBecomes(orderId, RENTED);
      await cancel(orderId);
    }
    await viewBecomes(orderId, names);
    await eventually('the events are seen', () => expect(eventsOf(orderId).map(({ name }) => name)).toEqual(names));
    return { orderId, productId };
  }

  it.each(['once more', 'backwards'] as const)('change nothing when they are delivered %s', async (order) => {
    const { orderId, productId } = await settled();
    const before = await everythingOf(orderId, productId);
    const events = eventsOf(orderId);
    for (const { record } of order === 'backwards' ? events.toReversed() : events) {
      const { topic, key, value, headers } = record;
      await consumed(GROUPS[topic] ?? [], await write({ topic, key, value, headers }));
    }
    expect(await everythingOf(orderId, productId)).toEqual(before);
    // No event has followed from the repeated ones.
    const published = new Set(eventsOf(orderId).map(({ record }) => record.headers.ce_id));
    expect(published.size).toBe(names.length);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topicOf } from '#kit/events/topics.ts';
import { FeeReceived, FeeRefunded } from '#proto/rentalsvc/billing/v1/events.ts';
import { InventoryStockShortage, StockTaken } from '#proto/rentalsvc/inventory/v1/events.ts';
import { DeliveryStarted, RetrievalStarted } from '#proto/rentalsvc/logistics/v1/events.ts';
import { RentalCancelled, RentalRequested } from '#proto/rentalsvc/order/v1/events.ts';
import { allConsumed, eventsOf, redeliver, whileHeldBack } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { Tap } from '../support/kafka.ts';
import { listAll } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import {
  addProduct,
  CANCELLED,
  cancel,
  type OfOrder,
  orderBecomes,
  orderOf,
  qtyBecomes,
  qtyOf,
  RENTED,
  rentalsAgree,
  request,
  SHORT,
  viewBecomes,
  viewOf,
} from './support/rentals.ts';

/** All events, causes before effects. */
const TYPES = [
  ...[RentalRequested, StockTaken, FeeReceived, DeliveryStarted],
  ...[InventoryStockShortage, RentalCancelled, FeeRefunded, RetrievalStarted],
] as const;

let tap: Tap;
beforeAll(async () => {
  await runSystem('rentalsvc');
  tap = await Tap.open([...new Set(TYPES.map(({ $type }) => topicOf($type)))]);
});
afterAll(() => tap.close());

/** The published events of an order, causes before effects. */
const eventsOfOrder = (orderId: string) => eventsOf(tap, TYPES, (content) => content.orderId === orderId);

/** Waits until exactly these events of an order are published and in its view. */
async function eventsBecome(orderId: string, names: readonly string[]): Promise<void> {
  await viewBecomes(orderId, names);
  await eventually(`the events of ${orderId}`, () => expect(eventsOfOrder(orderId).map(({ name }) => name)).toEqual(names));
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
    await eventsBecome(orderId, names);
    return { orderId, productId };
  }

  it.each(['once more', 'backwards'] as const)('change nothing when they are delivered %s', async (direction) => {
    const { orderId, productId } = await settled();
    const before = await everythingOf(orderId, productId);
    const events = eventsOfOrder(orderId);
    for (const { record } of direction === 'backwards' ? events.toReversed() : events) await redeliver(record);
    expect(await everythingOf(orderId, productId)).toEqual(before);
    await rentalsAgree();
    // No event has followed from the repeated ones.
    await eventsBecome(orderId, names);
  });
});

describe('a cancelled order whose events overtake each other', () => {
  const requestOne = async () => await request((await addProduct()).productId, 1);

  /** Waits until everything has happened that follows: the order is cancelled, its stock is back, and these events are published. */
  async function settles(orderId: string, productId: string, names: readonly string[]): Promise<void> {
    await allConsumed('rentalsvc');
    await orderBecomes(orderId, 'CANCELLED');
    await qtyBecomes(productId, 100);
    await rentalsAgree();
    await eventsBecome(orderId, names);
  }

  it('the cancellation before the request: no stock is taken', async () => {
    const { productId } = await addProduct(100);
    const { orderId } = await whileHeldBack('rentalsvc/order-1', requestOne, async (overtake) => {
      const requested = await request(productId, 10);
      await cancel(requested.orderId);
      await overtake(RentalCancelled, requested.orderId);
      return requested;
    });
    await settles(orderId, productId, ['RentalRequested', 'FeeReceived', 'DeliveryStarted', ...CANCELLED]);
  });

  it('the cancellation before the stock that was taken: the order stays cancelled, and the stock is given back', async () => {
    const { productId } = await addProduct(100);
    const { orderId } = await whileHeldBack('rentalsvc/inventory-1', requestOne, async () => {
      const requested = await request(productId, 10);
      await qtyBecomes(productId, 90);
      await cancel(requested.orderId);
      await qtyBecomes(productId, 100);
      return requested;
    });
    await settles(orderId, productId, [...RENTED, ...CANCELLED]);
  });

  it('the cancellation before the shortage: the order stays cancelled, and the fee is refunded once', async () => {
    const { productId } = await addProduct(100);
    const { orderId } = await whileHeldBack('rentalsvc/inventory-1', requestOne, async () => {
      const requested = await request(productId, 110);
      await viewBecomes(requested.orderId, ['RentalRequested', 'FeeReceived', 'DeliveryStarted']);
      await allConsumed('rentalsvc');
      expect(await cancel(requested.orderId)).toMatchObject({ status: 'CANCELLED' });
      return requested;
    });
    await settles(orderId, productId, ['RentalRequested', 'FeeReceived', 'DeliveryStarted', 'InventoryStockShortage', ...CANCELLED]);
  });

  it('the refund before the fee: there is one delivery, and it is retrieved', async () => {
    const { productId } = await addProduct(100);
    const { orderId } = await whileHeldBack('rentalsvc/billing-1', requestOne, async (overtake) => {
      const requested = await request(productId, 10);
      await cancel(requested.orderId);
      const billId = await eventually('the fee is refunded', async () => {
        const [bill] = await listAll<OfOrder & { billId: string }>('/rentalsvc/bills', 'bills', { order_id: requested.orderId });
        expect(bill).toMatchObject({ status: 'REFUNDED' });
        return bill?.billId ?? '';
      });
      await overtake(FeeRefunded, billId);
      await orderBecomes(requested.orderId, 'CANCELLED');
      return requested;
    });
    await settles(orderId, productId, [...RENTED, ...CANCELLED]);
  });
});

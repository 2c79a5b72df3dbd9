import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Envelope, EventHandler } from '#kit/events/events.ts';
import { Store } from '#kit/postgres/store.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { InventoryStockShortage, StockTaken } from '#proto/rentalsvc/inventory/v1/events.ts';
import { RentalCancelled, RentalRequested } from '#proto/rentalsvc/order/v1/events.ts';
import type { Rental } from './domain.ts';
import { inventoryHandlers } from './handlers.ts';
import { inventoryService } from './service.ts';
import { allocationTable, productTable } from './store.ts';

async function setUp(qty = 10) {
  const database = new MemoryDatabase([productTable, allocationTable]);
  const service = inventoryService(new Store(database, productTable));
  await service.addProduct({ productId: '1', productName: 'IPAD', qty }, callContext());
  const handlers = inventoryHandlers(database);
  const qtyNow = async () => (await service.checkInventory({ productId: '1' }, callContext())).qty;
  const rental = (units: number): Rental => ({ orderId: randomUUID(), userId: 'anna', productId: '1', qty: units, amount: 5 });
  /** Delivers events in one batch. */
  const deliver = async (events: readonly (readonly [type: { $type: string }, rental: Rental])[]) => {
    const envelopes = events.map(([{ $type }]): Envelope => {
      return { id: randomUUID(), type: $type, key: '', time: new Date(), topic: '', partition: 0, offset: '0', trace: {} };
    });
    // All handlers share one function.
    const { apply } = handlers[0] as EventHandler;
    await database.transaction((tx) =>
      apply(
        events.map(([, each]) => each),
        tx,
        envelopes,
      ),
    );
  };
  return { database, service, rental, deliver, qtyNow };
}

describe('a batch of events', () => {
  it('decides in its order about one stock', async () => {
    const { database, rental, deliver, qtyNow } = await setUp(10);
    const [first, short, last] = [rental(6), rental(5), rental(4)];
    await deliver([first, short, last].map((each) => [RentalRequested, each]));
    expect(await qtyNow()).toBe(0);
    expect(database.eventsOf(StockTaken).map(({ orderId }) => orderId)).toEqual([first.orderId, last.orderId]);
    expect(database.eventsOf(InventoryStockShortage)).toEqual([{ ...short, version: 1 }]);
  });

  it('takes and gives back once, however often the events are in it', async () => {
    const { database, rental, deliver, qtyNow } = await setUp(10);
    const one = rental(6);
    await deliver([
      [RentalRequested, one],
      [RentalRequested, one],
      [RentalCancelled, one],
      [RentalCancelled, one],
      [RentalRequested, one],
    ]);
    expect(await qtyNow()).toBe(10);
    expect(database.eventsOf(StockTaken)).toHaveLength(1);
  });

  it('takes nothing for an order that was cancelled before', async () => {
    const { database, rental, deliver, qtyNow } = await setUp(10);
    const one = rental(6);
    await deliver([[RentalCancelled, one]]);
    await deliver([[RentalRequested, one]]);
    expect(await qtyNow()).toBe(10);
    expect(database.events).toEqual([]);
  });

  it('is short of a product that does not exist', async () => {
    const { database, rental, deliver } = await setUp();
    await deliver([[RentalRequested, { ...rental(1), productId: 'nothing' }]]);
    expect(database.eventsOf(InventoryStockShortage)).toHaveLength(1);
  });
});

describe('adding a product', () => {
  it('again returns it as it is now; with another quantity it is refused', async () => {
    const { service, rental, deliver } = await setUp(10);
    await deliver([[RentalRequested, rental(3)]]);
    const again = await service.addProduct({ productId: '1', productName: 'IPAD', qty: 10 }, callContext());
    expect(again.inventory).toMatchObject({ productId: '1', qty: 7 });
    const other = service.addProduct({ productId: '1', productName: 'IPAD', qty: 11 }, callContext());
    await expect(other).rejects.toMatchObject({ reason: 'PRODUCT_EXISTS', metadata: { productId: '1' } });
  });
});

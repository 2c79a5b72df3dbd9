import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { Store } from '#kit/postgres/store.ts';
import type { Client } from '#kit/rpc/client.ts';
import { notFound, RpcError, unavailable } from '#kit/rpc/errors.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { InventoryStockShortage, StockTaken } from '#proto/rentalsvc/inventory/v1/events.ts';
import type { InventoryServiceService } from '#proto/rentalsvc/inventory/v1/inventory.ts';
import { RentalCancelled, RentalRequested } from '#proto/rentalsvc/order/v1/events.ts';
import { ListOrdersRequest, Order_Status } from '#proto/rentalsvc/order/v1/order.ts';
import { orderHandlers } from './handlers.ts';
import { requesting } from './request.ts';
import { orderService } from './service.ts';
import { orderTable } from './store.ts';

const RENTAL = { userId: 'anna', productId: '1', qty: 2, amount: 10 };

/** `check`: what inventory answers to CheckInventory. */
function setUp(check: () => Promise<{ qty: number }> = async () => ({ qty: 0 })) {
  const database = new MemoryDatabase([orderTable]);
  const orders = new Store(database, orderTable);
  // Requesting calls no other method.
  const service = orderService(orders, requesting(orders, { checkInventory: check } as unknown as Client<typeof InventoryServiceService>));
  const request = async (rental = RENTAL, idempotencyKey: string = randomUUID()) => {
    const { order } = await service.requestRental(rental, callContext({ idempotencyKey, actingUser: rental.userId }));
    if (order === undefined) throw new Error('no order was answered');
    return order;
  };
  const all = async () => (await service.listOrders(ListOrdersRequest.fromPartial({}), callContext())).orders;
  return { database, service, request, all, handlers: orderHandlers(orders) };
}

describe('requesting a rental', () => {
  it('stores the order with its event whatever the stock, once per user and idempotency key', async () => {
    const { database, request, all } = setUp();
    const order = await request(RENTAL, 'key');
    expect(order).toMatchObject({ ...RENTAL, status: Order_Status.REQUESTED });
    expect(await request(RENTAL, 'key')).toEqual(order);
    await expect(request({ ...RENTAL, qty: 3 }, 'key')).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await all()).toHaveLength(1);
    expect(database.eventsOf(RentalRequested)).toEqual([{ ...RENTAL, orderId: order.orderId, version: 1 }]);
  });

  it.each([
    ['unavailable', unavailable('STOPPED', 'stopped')],
    ['too slow', new RpcError(status.DEADLINE_EXCEEDED, 'SLOW', 'slow')],
  ])('stores and publishes nothing if inventory is %s, and the same key starts again', async (_, error) => {
    let isUp = false;
    const { database, request, all } = setUp(async () => {
      if (!isUp) throw error;
      return { qty: 5 };
    });
    await expect(request(RENTAL, 'key')).rejects.toMatchObject({ code: status.UNAVAILABLE, reason: 'INVENTORY_UNCHECKED' });
    expect([await all(), database.events]).toEqual([[], []]);
    isUp = true;
    expect(await request(RENTAL, 'key')).toMatchObject({ status: Order_Status.REQUESTED });
  });

  it('stores nothing for an unknown product', async () => {
    const { database, request, all } = setUp(() => Promise.reject(notFound('PRODUCT_NOT_FOUND', 'there is none')));
    await expect(request()).rejects.toMatchObject({ code: status.NOT_FOUND, reason: 'PRODUCT_NOT_FOUND' });
    expect([await all(), database.events]).toEqual([[], []]);
  });
});

describe('an order', () => {
  it('is cancelled once', async () => {
    const { database, service, request } = setUp();
    const { orderId } = await request();
    await service.cancelRental({ orderId }, callContext());
    const { order } = await service.cancelRental({ orderId }, callContext());
    expect(order).toMatchObject({ status: Order_Status.CANCELLED });
    expect(database.eventsOf(RentalCancelled)).toEqual([{ ...RENTAL, orderId, version: 2 }]);
  });

  it('stays as inventory has decided, and cannot be cancelled after a shortage', async () => {
    const { database, service, request, all, handlers } = setUp();
    const { orderId } = await request();
    await database.deliver(handlers, InventoryStockShortage, InventoryStockShortage.fromPartial({ orderId }));
    await expect(service.cancelRental({ orderId }, callContext())).rejects.toMatchObject({ reason: 'NOT_CANCELLABLE' });
    expect(await all()).toMatchObject([{ status: Order_Status.SHORT }]);
  });

  it('that does not exist cannot have stock: the event is dead-lettered', async () => {
    const { database, handlers } = setUp();
    const stock = StockTaken.fromPartial({ orderId: randomUUID() });
    await expect(database.deliver(handlers, StockTaken, stock)).rejects.toThrow('NOT_REQUESTED');
  });
});

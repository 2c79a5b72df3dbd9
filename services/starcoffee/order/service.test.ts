import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { Store } from '#kit/postgres/store.ts';
import type { Client } from '#kit/rpc/client.ts';
import { failedPrecondition, unavailable } from '#kit/rpc/errors.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { CoffeeMade } from '#proto/starcoffee/make/v1/events.ts';
import {
  OrderCancelled,
  OrderCancelRequested,
  OrderCompleted,
  OrderPlaced,
  PaymentReleaseRequested,
} from '#proto/starcoffee/order/v1/events.ts';
import { ListOrdersRequest, Order_Status } from '#proto/starcoffee/order/v1/order.ts';
import { PaymentCancelled, PaymentsUnconfirmed } from '#proto/starcoffee/payment/v1/events.ts';
import type { PaymentServiceService } from '#proto/starcoffee/payment/v1/payment.ts';
import { orderHandlers } from './handlers.ts';
import { placing } from './place.ts';
import { orderService } from './service.ts';
import { orderTable } from './store.ts';

const COFFEE = { menuId: 'americano', price: 4500 };

/** `approve`: what payment answers to ApprovePayment. */
function setUp(approve: () => Promise<{ paymentId: string }> = async () => ({ paymentId: randomUUID() })) {
  const database = new MemoryDatabase([orderTable]);
  const orders = new Store(database, orderTable);
  // Placing calls no other method.
  const place = placing(orders, { approvePayment: approve } as unknown as Client<typeof PaymentServiceService>);
  const service = orderService(orders, place);
  const handlers = orderHandlers(orders, place);
  const order = async (userId = 'anna', idempotencyKey: string = randomUUID(), content = COFFEE) => {
    const { order: placed } = await service.placeOrder({ userId, ...content }, callContext({ idempotencyKey, actingUser: userId }));
    if (placed === undefined) throw new Error('no order was answered');
    return placed;
  };
  const cancel = (orderId: string) => service.cancelOrder({ orderId }, callContext());
  const statusOf = async (orderId: string) => (await service.getOrder({ orderId }, callContext())).order?.status;
  const all = async () => (await service.listOrders(ListOrdersRequest.fromPartial({}), callContext())).orders;
  const made = (orderId: string) => database.deliver(handlers, CoffeeMade, CoffeeMade.fromPartial({ orderId, userId: 'anna', ...COFFEE }));
  const refunded = (orderId: string) =>
    database.deliver(handlers, PaymentCancelled, PaymentCancelled.fromPartial({ orderId, userId: 'anna', ...COFFEE }));
  const ask = (...orderIds: string[]) => database.deliver(handlers, PaymentsUnconfirmed, { orderIds });
  return { database, order, cancel, statusOf, all, made, refunded, ask };
}

describe('placing an order', () => {
  it('stores the order with its event, once per user and idempotency key', async () => {
    const { database, order, all } = setUp();
    const placed = await order('anna', 'key');
    expect(placed).toMatchObject({ userId: 'anna', ...COFFEE, status: Order_Status.REQUESTED });
    expect(await order('anna', 'key')).toEqual(placed);
    await expect(order('anna', 'key', { menuId: 'latte', price: 5000 })).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
      reason: 'IDEMPOTENCY_KEY_REUSED',
      metadata: { orderId: placed.orderId },
    });
    expect((await order('ben', 'key')).orderId).not.toBe(placed.orderId);
    expect(await all()).toHaveLength(2);
    expect(database.eventsOf(OrderPlaced)).toMatchObject([{ userId: 'anna', ...COFFEE, version: 1 }, { userId: 'ben' }]);
  });

  it('stores nothing when the payment is declined', async () => {
    const { database, order, all } = setUp(() => Promise.reject(failedPrecondition('PAYMENT_DECLINED', 'too much')));
    await expect(order()).rejects.toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'PAYMENT_DECLINED' });
    expect(await all()).toEqual([]);
    expect(database.events).toEqual([]);
  });

  it('asks for the release of the payment when the outcome is unknown, and succeeds later under the same key', async () => {
    let isAway = true;
    const { database, order, all } = setUp(async () => {
      if (isAway) throw unavailable('TIMEOUT', 'timeout');
      return { paymentId: randomUUID() };
    });
    await expect(order('anna', 'key')).rejects.toMatchObject({ code: status.UNAVAILABLE, reason: 'PAYMENT_UNCHECKED' });
    const [rejected] = await all();
    expect(rejected?.status).toBe(Order_Status.REJECTED);
    expect(database.eventsOf(PaymentReleaseRequested)).toMatchObject([{ orderId: rejected?.orderId }]);
    isAway = false;
    expect((await order('anna', 'key')).status).toBe(Order_Status.REQUESTED);
  });
});

describe('cancelling an order', () => {
  it('asks make once, and ends with the refund', async () => {
    const { database, order, cancel, refunded, statusOf } = setUp();
    const { orderId } = await order();
    for (let calls = 0; calls < 2; calls++) expect((await cancel(orderId)).order?.status).toBe(Order_Status.CANCELLING);
    expect(database.eventsOf(OrderCancelRequested)).toHaveLength(1);
    for (let deliveries = 0; deliveries < 2; deliveries++) await refunded(orderId);
    expect(database.eventsOf(OrderCancelled)).toHaveLength(1);
    expect(await statusOf(orderId)).toBe(Order_Status.CANCELLED);
    expect((await cancel(orderId)).order?.status).toBe(Order_Status.CANCELLED);
  });

  it('is too late when the coffee is made', async () => {
    const { database, order, cancel, made, statusOf } = setUp();
    const { orderId } = await order();
    await cancel(orderId);
    for (let deliveries = 0; deliveries < 2; deliveries++) await made(orderId);
    expect(await statusOf(orderId)).toBe(Order_Status.COMPLETED);
    expect(database.eventsOf(OrderCompleted)).toHaveLength(1);
    await expect(cancel(orderId)).rejects.toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'NOT_CANCELLABLE' });
    await expect(cancel(randomUUID())).rejects.toMatchObject({ code: status.NOT_FOUND, reason: 'ORDER_NOT_FOUND' });
  });
});

describe('an event about an order that is not stored yet', () => {
  it.each(['made', 'refunded'] as const)('%s: stores the order, which the late call then answers', async (event) => {
    const early = { ids: [] as string[] };
    const shop = setUp(async () => {
      for (const id of early.ids) await shop[event](id);
      return { paymentId: randomUUID() };
    });
    const { orderId } = await shop.order('anna', 'first');
    early.ids = [new Store(shop.database, orderTable).idFrom('anna', 'second', '1')];
    const late = await shop.order('anna', 'second');
    expect(late).toMatchObject({ userId: 'anna', ...COFFEE, status: event === 'made' ? Order_Status.COMPLETED : Order_Status.CANCELLED });
    expect(await shop.statusOf(orderId)).toBe(Order_Status.REQUESTED);
    expect(shop.database.eventsOf(OrderPlaced)).toHaveLength(2);
  });
});

describe('a payment that payment asks about', () => {
  it('is released if there is no order for it, and kept if there is one', async () => {
    const { database, order, ask, statusOf } = setUp();
    const { orderId } = await order();
    const unknown = randomUUID();
    await ask(orderId, unknown);
    expect(database.eventsOf(PaymentReleaseRequested)).toEqual([{ orderId: unknown }]);
    expect(await statusOf(orderId)).toBe(Order_Status.REQUESTED);
    expect(await statusOf(unknown)).toBe(Order_Status.REJECTED);
  });
});

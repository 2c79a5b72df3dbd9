import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { EffectReview } from '#kit/guarded-call/review.ts';
import { Store } from '#kit/postgres/store.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { CoffeeCancelled } from '#proto/starcoffee/make/v1/events.ts';
import { PaymentReleaseRequested } from '#proto/starcoffee/order/v1/events.ts';
import { PaymentApproved, PaymentCancelled, PaymentsUnconfirmed } from '#proto/starcoffee/payment/v1/events.ts';
import { ListPaymentsRequest, Payment_Status } from '#proto/starcoffee/payment/v1/payment.ts';
import { approvalsOf } from './approvals.ts';
import { paymentHandlers } from './handlers.ts';
import { paymentService } from './service.ts';
import { paymentTable } from './store.ts';

const LIMIT = 1_000_000;

function setUp() {
  const database = new MemoryDatabase([paymentTable]);
  const payments = new Store(database, paymentTable);
  const approvals = approvalsOf(payments, LIMIT);
  const service = paymentService(payments, approvals, LIMIT);
  const review = new EffectReview({ database, leaseSeconds: 30, event: PaymentsUnconfirmed, content: () => ({ orderIds: [] }) });
  const handlers = paymentHandlers(approvals, review);
  const orderOf = (price = 4500) => ({ orderId: randomUUID(), userId: 'anna', menuId: 'americano', price });
  const approve = (order: ReturnType<typeof orderOf>) => service.approvePayment(order, callContext());
  const release = (orderId: string) => database.deliver(handlers, PaymentReleaseRequested, { orderId });
  const coffeeCancelled = (orderId: string) => database.deliver(handlers, CoffeeCancelled, CoffeeCancelled.fromPartial({ orderId }));
  const list = async (orderId: string) =>
    (await service.listPayments(ListPaymentsRequest.fromPartial({ orderId }), callContext())).payments;
  return { database, service, orderOf, approve, release, coffeeCancelled, list };
}

describe('approving a payment', () => {
  it('happens once per order, however often the call arrives', async () => {
    const { database, orderOf, approve, list } = setUp();
    const order = orderOf();
    const [first, ...others] = await Promise.all([approve(order), approve(order), approve(order)]);
    for (const other of others) expect(other).toEqual(first);
    expect(await list(order.orderId)).toMatchObject([{ ...order, ...first, status: Payment_Status.APPROVED }]);
    expect(database.eventsOf(PaymentApproved)).toMatchObject([{ ...order, version: 1 }]);
  });

  it('is declined over the limit, and nothing is stored', async () => {
    const { database, orderOf, approve, list } = setUp();
    const [dear, dearest] = [orderOf(LIMIT), orderOf(LIMIT + 1)];
    await approve(dear);
    await expect(approve(dearest)).rejects.toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'PAYMENT_DECLINED' });
    expect(await list(dearest.orderId)).toEqual([]);
    expect(database.events).toHaveLength(1);
  });

  it('is refused for an order with other content, and after a release', async () => {
    const { database, orderOf, approve, release } = setUp();
    const [order, released] = [orderOf(), orderOf()];
    await approve(order);
    await expect(approve({ ...order, price: 1 })).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
      reason: 'PAYMENT_OF_OTHER_CONTENT',
    });
    await release(released.orderId);
    await expect(approve(released)).rejects.toMatchObject({ code: status.ABORTED, reason: 'PAYMENT_RELEASED' });
    expect(database.events).toHaveLength(1);
  });
});

describe('a refund', () => {
  it.each(['release', 'coffeeCancelled'] as const)('follows %s, once', async (event) => {
    const shop = setUp();
    const order = shop.orderOf();
    await shop.approve(order);
    for (let deliveries = 0; deliveries < 2; deliveries++) await shop[event](order.orderId);
    expect(await shop.list(order.orderId)).toMatchObject([{ status: Payment_Status.CANCELLED }]);
    expect(shop.database.eventsOf(PaymentCancelled)).toMatchObject([{ ...order, version: 2 }]);
  });

  it('by the staff happens once, and no event refunds again', async () => {
    const { database, service, orderOf, approve, coffeeCancelled } = setUp();
    const order = orderOf();
    const { paymentId } = await approve(order);
    for (let calls = 0; calls < 2; calls++) {
      const { payment } = await service.cancelPayment({ paymentId }, callContext());
      expect(payment).toMatchObject({ paymentId, status: Payment_Status.CANCELLED });
    }
    await coffeeCancelled(order.orderId);
    expect(database.eventsOf(PaymentCancelled)).toHaveLength(1);
    await expect(service.cancelPayment({ paymentId: randomUUID() }, callContext())).rejects.toMatchObject({ reason: 'PAYMENT_NOT_FOUND' });
  });
});

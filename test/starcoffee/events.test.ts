import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topicOf } from '#kit/events/topics.ts';
import { CoffeeCancelled, CoffeeMade, CoffeeStarted } from '#proto/starcoffee/make/v1/events.ts';
import { OrderCancelled, OrderCancelRequested, OrderCompleted, OrderPlaced } from '#proto/starcoffee/order/v1/events.ts';
import { PaymentApproved, PaymentCancelled } from '#proto/starcoffee/payment/v1/events.ts';
import { allConsumed, eventsOf, redeliver, whileHeldBack } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { Tap } from '../support/kafka.ts';
import { get } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import {
  allAgree,
  becomes,
  CANCELLED,
  cancelOrder,
  MADE,
  makesOf,
  type Order,
  order,
  orderOf,
  paymentsOf,
  refund,
  type Statuses,
} from './support.ts';

/** All events of an order, causes before effects. */
const TYPES = [
  ...[OrderPlaced, PaymentApproved, CoffeeStarted, OrderCancelRequested, CoffeeMade, OrderCompleted],
  ...[CoffeeCancelled, PaymentCancelled, OrderCancelled],
] as const;

let tap: Tap;
beforeAll(async () => {
  await runSystem('starcoffee');
  tap = await Tap.open([...new Set(TYPES.map(({ $type }) => topicOf($type)))]);
});
afterAll(() => tap.close());

const eventsOfOrder = (orderId: string) => eventsOf(tap, TYPES, (content) => content.orderId === orderId);

/** Waits until everything has happened that follows from the events of an order: these, and the statuses at all services. */
async function settles(orderId: string, statuses: Statuses, events: readonly { readonly $type: string }[]): Promise<void> {
  await allConsumed('starcoffee');
  await becomes(orderId, statuses);
  await allAgree();
  await eventually(`the events of order ${orderId}`, () => {
    expect(eventsOfOrder(orderId).map(({ record }) => record.headers.ce_type)).toEqual(events.map(({ $type }) => $type));
  });
}

const makeBecomes = async (orderId: string, status: string) =>
  await eventually(`the coffee of ${orderId} is ${status}`, async () => expect(await makesOf(orderId)).toMatchObject([{ status }]));

/** Cancels an order while its payment is held back, so that the cancellation reaches make first. */
async function cancelBeforePayment(): Promise<Order> {
  return await whileHeldBack('starcoffee/payment-1', order, async () => {
    const placed = await order();
    expect(await cancelOrder(placed.orderId)).toMatchObject({ status: 'CANCELLING' });
    await makeBecomes(placed.orderId, 'CANCELLED');
    return placed;
  });
}

describe('an order whose events overtake each other', () => {
  it('a cancellation before the payment: the coffee is never begun', async () => {
    const { orderId } = await cancelBeforePayment();
    await settles(orderId, CANCELLED, [
      OrderPlaced,
      PaymentApproved,
      OrderCancelRequested,
      CoffeeCancelled,
      PaymentCancelled,
      OrderCancelled,
    ]);
  });

  it('a refund before the payment: the coffee is never begun', async () => {
    const { orderId } = await whileHeldBack('starcoffee/payment-1', order, async (overtake) => {
      const placed = await order();
      const { paymentId } = await refund(placed.orderId);
      await overtake(PaymentCancelled, paymentId);
      await makeBecomes(placed.orderId, 'CANCELLED');
      expect(await orderOf(placed.orderId)).toMatchObject({ status: 'CANCELLED' });
      return placed;
    });
    await settles(orderId, CANCELLED, [OrderPlaced, PaymentApproved, CoffeeCancelled, PaymentCancelled, OrderCancelled]);
  });

  it('a cancellation after the coffee is made and before order knows: the order is completed and stays paid', async () => {
    const { orderId } = await whileHeldBack('starcoffee/make-1', order, async () => {
      const placed = await order();
      await makeBecomes(placed.orderId, 'MADE');
      expect(await cancelOrder(placed.orderId)).toMatchObject({ status: 'CANCELLING' });
      await eventually('mypage shows the cancellation', async () => {
        expect(await get(`/starcoffee/mypages/${placed.orderId}`)).toMatchObject({ status: 'CANCELLING' });
      });
      return placed;
    });
    await settles(orderId, MADE, [OrderPlaced, PaymentApproved, CoffeeStarted, OrderCancelRequested, CoffeeMade, OrderCompleted]);
  });

  it('the coffee before the order: mypage shows what is newest, with all details', async () => {
    const placed = await whileHeldBack('starcoffee/order-1', order, async () => {
      const made = await order();
      await becomes(made.orderId, MADE);
      return made;
    });
    await settles(placed.orderId, MADE, [OrderPlaced, PaymentApproved, CoffeeStarted, CoffeeMade, OrderCompleted]);
    const { orderId, userId, menuId, price } = placed;
    expect(await get(`/starcoffee/mypages/${orderId}`)).toMatchObject({ orderId, userId, menuId, price, status: 'MADE' });
  });
});

describe.each([
  ['a completed order', MADE],
  ['a cancelled order', CANCELLED],
] as const)('the events of %s', (_, statuses) => {
  async function settled(): Promise<string> {
    const { orderId } = await (statuses === CANCELLED ? cancelBeforePayment() : order());
    await becomes(orderId, statuses);
    await allAgree();
    return orderId;
  }

  /** Everything that the system shows of an order. */
  const everythingOf = async (orderId: string) => ({
    order: await orderOf(orderId),
    payments: await paymentsOf(orderId),
    makes: await makesOf(orderId),
    mypage: await get<Order>(`/starcoffee/mypages/${orderId}`),
  });

  it.each(['once more', 'backwards'] as const)('change nothing when they are delivered %s', async (direction) => {
    const orderId = await settled();
    const [before, events] = [await everythingOf(orderId), eventsOfOrder(orderId)];
    expect(events.length).toBeGreaterThan(3);
    for (const { record } of direction === 'backwards' ? events.toReversed() : events) await redeliver(record);
    expect(await everythingOf(orderId)).toEqual(before);
    await allAgree();
    // No event has followed from the repeated ones.
    expect(eventsOfOrder(orderId)).toHaveLength(events.length);
  });
});

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Failpoint, Failpoint_Action, type Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import { failureOf } from '../support/failure.ts';
import { control } from '../support/instance.ts';
import { unique } from '../support/patiently.ts';
import { runSystem } from '../support/systems.ts';
import { tested } from '../support/tested/index.ts';
import { allAgree, becomes, coffeeOf, MADE, order, ordersOf, tryOrder, without } from './support.ts';

beforeAll(() => runSystem('starcoffee'));

const APPROVE = 'starcoffee.payment.v1.PaymentService/ApprovePayment';
const UNCHECKED = { code: 'UNAVAILABLE', reason: 'PAYMENT_UNCHECKED', httpStatus: 503, retryAfter: expect.stringMatching(/^\d+$/) };

async function faults(name: string, set: Partial<Faults>): Promise<void> {
  await tested.setFaults(name, set);
}

describe('an order whose payment cannot be checked is UNAVAILABLE', () => {
  afterEach(async () => {
    await faults('starcoffee/payment-1', {});
    await order();
  });

  it('payment is stopped: no order is taken, and the same key succeeds later', async () => {
    const [coffee, key] = [coffeeOf(), { 'idempotency-key': unique('key') }];
    await without(['starcoffee/payment-1'], async () => {
      expect(await failureOf(tryOrder(coffee, key))).toMatchObject(UNCHECKED);
      // REJECTED where the outcome is unknown to order.
      expect((await ordersOf(coffee.userId)).filter(({ status }) => status !== 'REJECTED')).toEqual([]);
    });
    await order();
    const { orderId } = await tryOrder(coffee, key);
    await becomes(orderId, MADE);
  });

  it('payment is slower than 610 ms: the order is REJECTED, and no payment stays', async () => {
    const coffee = coffeeOf();
    await faults('starcoffee/payment-1', { methods: [APPROVE], delayMsMin: 900, delayMsMax: 900 });
    const begin = performance.now();
    expect(await failureOf(tryOrder(coffee))).toMatchObject(UNCHECKED);
    expect(performance.now() - begin).toBeGreaterThan(500);
    const [rejected] = await ordersOf(coffee.userId);
    expect(rejected?.status).toBe('REJECTED');
    await faults('starcoffee/payment-1', {});
    await allAgree();
  });
});

describe.each([
  { point: 'effect.applied', victim: 'starcoffee/payment-1', between: 'the approval and its answer' },
  { point: 'effect.granted', victim: 'starcoffee/order-1', between: 'the approval and the commit of the order' },
  { point: 'consumer.applied', victim: 'starcoffee/make-1', between: 'the effects and the offset' },
  { point: 'consumer.applied', victim: 'starcoffee/order-1', between: 'the effects and the offset' },
  { point: 'jobs.applied', victim: 'starcoffee/make-1', between: 'the end of the making and its commit' },
  { point: 'relay.sent', victim: 'starcoffee/payment-1', between: 'sending events and deleting them' },
])('$victim killed at $point, between $between', ({ point, victim }) => {
  it('no payment is left without a coffee, and none is taken twice', async () => {
    const coffee = coffeeOf();
    const before = (await control.status()).processes.find(({ name }) => name === victim)?.pid;
    await faults(victim, { failpoints: [Failpoint.fromPartial({ name: point, action: Failpoint_Action.KILL })] });
    const placed = await order(coffee);
    await becomes(placed.orderId, MADE);
    expect((await control.status()).processes.find(({ name }) => name === victim)?.pid).not.toBe(before);
    expect((await ordersOf(coffee.userId)).filter(({ status }) => status !== 'REJECTED')).toHaveLength(1);
    await allAgree();
  });
});

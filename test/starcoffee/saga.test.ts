import { beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure.ts';
import { rest } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { allAgree, becomes, CANCELLED, cancelOrder, MADE, order, orderOf, refund, without } from './support.ts';

beforeAll(() => runSystem('starcoffee'));

describe('an order', () => {
  it('is paid, made and completed, with one payment, one make and one row of mypage', async () => {
    const { orderId, status } = await order();
    expect(status).toBe('REQUESTED');
    await becomes(orderId, MADE);
  });

  it('that is cancelled after its coffee is made stays COMPLETED and paid', async () => {
    const { orderId } = await order();
    await becomes(orderId, MADE);
    expect(await failureOf(cancelOrder(orderId))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOT_CANCELLABLE' });
    await becomes(orderId, MADE);
  });
});

describe('while make is stopped', () => {
  it('orders go on, and are completed when it is back', async () => {
    const orders = await without(['starcoffee/make-1'], async () => {
      const made = await Promise.all([order(), order(), order()]);
      for (const { orderId } of made) expect((await orderOf(orderId)).status).toBe('REQUESTED');
      return made;
    });
    for (const { orderId } of orders) await becomes(orderId, MADE);
  });

  it('a cancelled order waits, and its coffee is never made', async () => {
    const { orderId } = await without(['starcoffee/make-1'], async () => {
      const placed = await order();
      for (let calls = 0; calls < 2; calls++) expect((await cancelOrder(placed.orderId)).status).toBe('CANCELLING');
      return placed;
    });
    await becomes(orderId, CANCELLED);
    expect((await cancelOrder(orderId)).status).toBe('CANCELLED');
  });

  it('a refund cancels the order at once, and the coffee is never made', async () => {
    const { orderId } = await without(['starcoffee/make-1'], async () => {
      const placed = await order();
      expect((await refund(placed.orderId)).status).toBe('CANCELLED');
      return placed;
    });
    await becomes(orderId, CANCELLED);
  });
});

it('a refund of a coffee that is made leaves its order COMPLETED', async () => {
  const { orderId } = await order();
  await becomes(orderId, MADE);
  await refund(orderId);
  await becomes(orderId, { ...MADE, payment: 'CANCELLED', mypage: 'REFUNDED' });
  await allAgree();
});

describe.each(['payment', 'mypage'])('while %s is stopped', (service) => {
  it('what is under way goes on, and everything agrees when it is back', async () => {
    const { orderId } = await order();
    await without([`starcoffee/${service}-1`], async () => {
      await cancelOrder(orderId).catch(() => undefined);
      if (service === 'payment')
        expect(await failureOf(rest('GET', `/starcoffee/payments?orderId=${orderId}`))).toMatchObject({ httpStatus: 503 });
    });
    await allAgree();
  });
});

import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { EffectReview } from '#kit/guarded-call/review.ts';
import { Store } from '#kit/postgres/store.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { PaymentCompleted, PaymentRefunded, PaymentsUnconfirmed } from '#proto/cinema/payment/v1/events.ts';
import { ListPaymentsRequest, Payment_Status } from '#proto/cinema/payment/v1/payment.ts';
import { PaymentReleaseRequested, ReservationCancelled } from '#proto/cinema/reservation/v1/events.ts';
import { paymentEffects } from './effects.ts';
import { paymentHandlers } from './handlers.ts';
import { paymentService } from './service.ts';
import { paymentTable } from './store.ts';

const LIMIT = 20_000;
const ticket = { userId: 'anna', cinemaNo: 'AVATOR', time: '10:00', price: 12_000 };

function setUp() {
  const database = new MemoryDatabase([paymentTable]);
  const payments = new Store(database, paymentTable);
  const effects = paymentEffects(payments, LIMIT);
  const service = paymentService(payments, effects, LIMIT);
  const review = new EffectReview({ database, leaseSeconds: 30, event: PaymentsUnconfirmed, content: () => ({ reservationIds: [] }) });
  const handlers = paymentHandlers(effects, review);
  const pay = (reservationId: string, more: Partial<typeof ticket> = {}) =>
    service.completePayment({ reservationId, ...ticket, ...more }, callContext());
  const paymentsOf = async (reservationId: string) =>
    (await service.listPayments(ListPaymentsRequest.fromPartial({ reservationId }), callContext())).payments;
  return { database, handlers, pay, paymentsOf };
}

describe('the payment of a reservation', () => {
  it('is completed once, however often the call arrives', async () => {
    const { database, pay, paymentsOf } = setUp();
    const reservationId = randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => pay(reservationId)));
    expect(new Set(answers.map(({ paymentId }) => paymentId)).size).toBe(1);
    expect(await paymentsOf(reservationId)).toMatchObject([{ reservationId, ...ticket, status: Payment_Status.COMPLETED }]);
    expect(database.eventsOf(PaymentCompleted)).toHaveLength(1);
  });

  it('is declined over the limit, and nothing is stored', async () => {
    const { database, pay, paymentsOf } = setUp();
    const reservationId = randomUUID();
    await expect(pay(reservationId, { price: LIMIT + 1 })).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      reason: 'PAYMENT_DECLINED',
    });
    expect(await paymentsOf(reservationId)).toEqual([]);
    expect(database.events).toEqual([]);
    await pay(reservationId, { price: LIMIT });
  });

  it.each([{ userId: 'ben' }, { cinemaNo: 'OTHER' }, { time: '13:00' }, { price: 1 }])('is of one content: not of %o', async (other) => {
    const { pay } = setUp();
    const reservationId = randomUUID();
    await pay(reservationId);
    await expect(pay(reservationId, other)).rejects.toMatchObject({ code: status.ALREADY_EXISTS, reason: 'PAYMENT_OF_OTHER_CONTENT' });
  });

  it('is refunded once, by a cancellation and by a release', async () => {
    const { database, handlers, pay, paymentsOf } = setUp();
    const reservationId = randomUUID();
    await pay(reservationId);
    for (let deliveries = 0; deliveries < 2; deliveries++) {
      await database.deliver(handlers, ReservationCancelled, ReservationCancelled.fromPartial({ reservationId, ...ticket }));
      await database.deliver(handlers, PaymentReleaseRequested, { reservationId });
    }
    expect(await paymentsOf(reservationId)).toMatchObject([{ status: Payment_Status.REFUNDED }]);
    expect(database.eventsOf(PaymentRefunded)).toHaveLength(1);
    await expect(pay(reservationId)).rejects.toMatchObject({ code: status.ABORTED, reason: 'PAYMENT_RELEASED' });
  });

  it('is refused after a release that came first', async () => {
    const { database, handlers, pay, paymentsOf } = setUp();
    const reservationId = randomUUID();
    await database.deliver(handlers, PaymentReleaseRequested, { reservationId });
    await expect(pay(reservationId)).rejects.toMatchObject({ reason: 'PAYMENT_RELEASED' });
    expect(await paymentsOf(reservationId)).toEqual([]);
    expect(database.events).toEqual([]);
  });
});

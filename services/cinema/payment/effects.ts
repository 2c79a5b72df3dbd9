import { GuardedEffects } from '#kit/guarded-call/callee.ts';
import type { EffectRefusal } from '#kit/guarded-call/ledger.ts';
import type { Store } from '#kit/postgres/store.ts';
import { aborted, alreadyExists, failedPrecondition } from '#kit/rpc/errors.ts';
import { complete, isSame, type PaidTicket, refund } from './domain.ts';
import { paymentTable } from './store.ts';

/** Completed payments: the effects of CompletePayment. */
export type PaymentEffects = ReturnType<typeof paymentEffects>;

/** Returns the effects of payments up to `limit`, in won. A reservation has one payment, whose id follows from the reservation's. */
export function paymentEffects(payments: Store<typeof paymentTable>, limit: number) {
  return new GuardedEffects({
    database: payments.database,
    subjects: paymentTable,
    keyOf: ({ reservationId }: Pick<PaidTicket, 'reservationId'>) => ({ id: reservationId, subjectId: payments.idFrom(reservationId) }),
    apply: (payment, request: PaidTicket) => complete(payment, request, payments.idFrom(request.reservationId), limit),
    undo: refund,
    isSame,
  });
}

/** Returns the error of a refused payment. */
export function refused(refusal: EffectRefusal | 'PAYMENT_DECLINED', { reservationId, price }: PaidTicket, limit: number): Error {
  switch (refusal) {
    case 'PAYMENT_DECLINED':
      return failedPrecondition(refusal, `the price ${price} is over the limit of ${limit}`);
    case 'EFFECT_RELEASED':
      return aborted('PAYMENT_RELEASED', `the payment of reservation ${reservationId} was released before`, { reservationId });
    case 'EFFECT_OF_OTHER_CONTENT':
      return alreadyExists('PAYMENT_OF_OTHER_CONTENT', `reservation ${reservationId} has a payment with other content`, { reservationId });
  }
}

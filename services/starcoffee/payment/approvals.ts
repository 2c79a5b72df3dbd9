import { GuardedEffects } from '#kit/guarded-call/callee.ts';
import type { EffectRefusal } from '#kit/guarded-call/ledger.ts';
import type { Store } from '#kit/postgres/store.ts';
import { aborted, alreadyExists, failedPrecondition } from '#kit/rpc/errors.ts';
import { approve, isSame, type PaidOrder, refund } from './domain.ts';
import { paymentTable } from './store.ts';

/** Approved payments: the effects of ApprovePayment. */
export type Approvals = ReturnType<typeof approvalsOf>;

/** Returns the approvals of payments up to `limit`, in won. An order has one payment, whose id follows from the order's. */
export function approvalsOf(payments: Store<typeof paymentTable>, limit: number) {
  return new GuardedEffects({
    database: payments.database,
    subjects: paymentTable,
    keyOf: ({ orderId }: Pick<PaidOrder, 'orderId'>) => ({ id: orderId, subjectId: payments.idFrom(orderId) }),
    apply: (payment, request: PaidOrder) => approve(payment, request, payments.idFrom(request.orderId), limit),
    undo: refund,
    isSame,
  });
}

/** Returns the error of a refused payment. */
export function refused(refusal: EffectRefusal | 'PAYMENT_DECLINED', { orderId, price }: PaidOrder, limit: number): Error {
  switch (refusal) {
    case 'PAYMENT_DECLINED':
      return failedPrecondition(refusal, `the price ${price} is over the limit of ${limit}`);
    case 'EFFECT_RELEASED':
      return aborted('PAYMENT_RELEASED', `the payment of order ${orderId} was released before`, { orderId });
    case 'EFFECT_OF_OTHER_CONTENT':
      return alreadyExists('PAYMENT_OF_OTHER_CONTENT', `order ${orderId} has a payment with other content`, { orderId });
  }
}

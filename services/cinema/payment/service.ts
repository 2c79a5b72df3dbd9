import type { Store } from '#kit/postgres/store.ts';
import { get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { PaymentServiceService } from '#proto/cinema/payment/v1/payment.ts';
import { type PaymentEffects, refused } from './effects.ts';
import type { paymentTable } from './store.ts';

/** Answers the calls of cinema.payment.v1.PaymentService. `limit`: the highest price, for errors. */
export function paymentService(
  payments: Store<typeof paymentTable>,
  effects: PaymentEffects,
  limit: number,
): Handlers<typeof PaymentServiceService> {
  return {
    getPayment: async ({ paymentId }, context) => ({ payment: await get(payments, paymentId, context) }),
    listPayments: (request, context) => list(payments, request, context),

    async completePayment(request, { call }) {
      const payment = await effects.apply(request, call);
      if (typeof payment === 'string') throw refused(payment, request, limit);
      return { paymentId: payment.paymentId };
    },
  };
}

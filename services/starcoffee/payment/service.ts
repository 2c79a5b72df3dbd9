import type { Store } from '#kit/postgres/store.ts';
import { change, get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { PaymentServiceService } from '#proto/starcoffee/payment/v1/payment.ts';
import { type Approvals, refused } from './approvals.ts';
import { refund } from './domain.ts';
import type { paymentTable } from './store.ts';

/** Answers the calls of starcoffee.payment.v1.PaymentService. `limit`: the highest price, for errors. */
export function paymentService(
  payments: Store<typeof paymentTable>,
  approvals: Approvals,
  limit: number,
): Handlers<typeof PaymentServiceService> {
  return {
    getPayment: async ({ paymentId }, context) => ({ payment: await get(payments, paymentId, context) }),
    listPayments: (request, context) => list(payments, request, context),
    cancelPayment: async ({ paymentId }) => ({ payment: await change(payments, paymentId, refund, {}) }),

    async approvePayment(request, { call }) {
      const payment = await approvals.apply(request, call);
      if (typeof payment === 'string') throw refused(payment, request, limit);
      return { paymentId: payment.paymentId };
    },
  };
}

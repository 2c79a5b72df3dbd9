import { GuardedCall } from '#kit/guarded-call/caller.ts';
import type { Store } from '#kit/postgres/store.ts';
import type { Client } from '#kit/rpc/client.ts';
import type { PaymentServiceService } from '#proto/starcoffee/payment/v1/payment.ts';
import { accept, type OrderRequest, reject, tombstone } from './domain.ts';
import type { orderTable } from './store.ts';

/** Placing an order: payment approves it before the order is stored. */
export type Placing = ReturnType<typeof placing>;

/** Returns the guarded call that places an order. */
export function placing(orders: Store<typeof orderTable>, payment: Client<typeof PaymentServiceService>) {
  return new GuardedCall({
    entities: orders,
    call: (orderId, { userId, menuId, price }: OrderRequest, context) =>
      payment.approvePayment({ orderId, userId, menuId, price }, context),
    accept: (orderId, request) => accept(orderId, request),
    release: { event: 'PaymentReleaseRequested', reject, tombstone },
    unavailable: { reason: 'PAYMENT_UNCHECKED', message: 'the payment could not be checked; nothing was ordered, please try again' },
  });
}

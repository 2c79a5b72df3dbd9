import type { EventHandler } from '#kit/events/events.ts';
import type { EffectReview } from '#kit/guarded-call/review.ts';
import { CoffeeCancelled } from '#proto/starcoffee/make/v1/events.ts';
import { OrdersConfirmed, PaymentReleaseRequested } from '#proto/starcoffee/order/v1/events.ts';
import type { Approvals } from './approvals.ts';

/** Event handlers of the payment service. */
export function paymentHandlers(approvals: Approvals, review: EffectReview<unknown>): EventHandler[] {
  return [
    ...approvals.onReleased([PaymentReleaseRequested, CoffeeCancelled]),
    review.onConfirmed(OrdersConfirmed, ({ orderIds, confirmedUntil }) => ({ ids: orderIds, until: confirmedUntil })),
  ];
}

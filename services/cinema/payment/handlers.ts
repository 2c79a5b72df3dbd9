import type { EventHandler } from '#kit/events/events.ts';
import type { EffectReview } from '#kit/guarded-call/review.ts';
import { PaymentReleaseRequested, ReservationCancelled, ReservationsConfirmed } from '#proto/cinema/reservation/v1/events.ts';
import type { PaymentEffects } from './effects.ts';

/** Event handlers of the payment service. */
export function paymentHandlers(effects: PaymentEffects, review: EffectReview<unknown>): EventHandler[] {
  return [
    ...effects.onReleased([PaymentReleaseRequested, ReservationCancelled]),
    review.onConfirmed(ReservationsConfirmed, ({ reservationIds, confirmedUntil }) => ({ ids: reservationIds, until: confirmedUntil })),
  ];
}

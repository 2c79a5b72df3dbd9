import type { EventHandler } from '#kit/events/events.ts';
import type { EffectReview } from '#kit/guarded-call/review.ts';
import { AllocationCancelled, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { HoldsConfirmed, StockReleaseRequested } from '#proto/rentcar/reservation/v1/events.ts';
import type { Holds } from './holds.ts';

/** Event handlers of the car service. */
export function carHandlers(holds: Holds, review: EffectReview<unknown>): EventHandler[] {
  return [
    ...holds.onReleased([StockReleaseRequested, AllocationCancelled, UseCompleted]),
    review.onConfirmed(HoldsConfirmed, ({ reservationIds, confirmedUntil }) => ({ ids: reservationIds, until: confirmedUntil })),
  ];
}

import { type EventHandler, onBatch, onBatchOf } from '#kit/events/events.ts';
import { AllocationCancelled, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { HoldsConfirmed, StockReleaseRequested } from '#proto/rentcar/reservation/v1/events.ts';
import type { HoldReview } from './hold-review.ts';
import type { CarStore } from './store.ts';

/**
 * Event handlers of the car service. A release may name a car that never existed, since the reservation service could not
 * ask for it: then nothing was taken.
 */
export function carPolicies(store: CarStore, review: HoldReview): EventHandler[] {
  return [
    // In one call, so that all cars of a transaction are locked in one order.
    ...onBatchOf([StockReleaseRequested, AllocationCancelled, UseCompleted], (releases, tx) => store.releaseAll(releases, tx)),
    onBatch(HoldsConfirmed, async (reports, tx) => {
      const reservationIds = reports.flatMap((report) => report.reservationIds);
      review.confirm(reservationIds, reports.findLast(({ confirmedUntil }) => confirmedUntil !== undefined)?.confirmedUntil, tx);
    }),
  ];
}

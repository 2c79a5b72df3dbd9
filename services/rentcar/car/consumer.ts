import type { Tx } from '#kit/database.ts';
import { type EventHandler, on } from '#kit/events.ts';
import { AllocationCancelled, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { CarReserved, StockReleaseRequested } from '#proto/rentcar/reservation/v1/events.ts';
import { release } from './domain.ts';
import type { CarStore } from './store.ts';

/**
 * What happens to stock when something happens to its reservation: a reservation confirms its hold, its end releases it. A release may
 * name a car that never existed (the reservation could not ask): then nothing was taken.
 */
export function carPolicies(store: CarStore): EventHandler[] {
  const giveBack = async ({ carId, reservationId }: { carId: string; reservationId: string }, tx: Tx) => {
    await store.update(carId, reservationId, release, { tx });
  };
  return [
    on(CarReserved, async ({ reservationId }, tx) => {
      store.confirm(reservationId, tx);
    }),
    on(StockReleaseRequested, giveBack),
    on(AllocationCancelled, giveBack),
    on(UseCompleted, giveBack),
  ];
}

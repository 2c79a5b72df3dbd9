import { type EventHandler, on, PoisonEvent } from '#kit/events.ts';
import { HoldUnconfirmed } from '#proto/rentcar/car/v1/events.ts';
import { UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { complete, tombstone } from './domain.ts';
import type { ReservationStore } from './store.ts';

/** How reservations react: to the end of their use, and to car's question whether anyone vouches for stock that it holds. */
export function reservationPolicies(store: ReservationStore): EventHandler[] {
  return [
    on(UseCompleted, async ({ reservationId }, tx) => {
      const result = await store.update(reservationId, complete, tx);
      if (result === undefined || result === 'NOT_RESERVED') throw new PoisonEvent(`reservation ${reservationId} has no car to bring back`);
    }),
    on(HoldUnconfirmed, async ({ reservationId, carId }, tx) => {
      const known = await store.lock(reservationId, tx);
      if (known === undefined) await store.add(tombstone(reservationId, carId), tx);
      // What is given back is the car that is held, which a rejected request under the same id may not have named.
      else store.announce({ ...known, carId }, tx);
    }),
  ];
}

import { type EventHandler, onBatchOf } from '#kit/events/events.ts';
import { derivedId } from '#kit/runtime/ids.ts';
import { CarReserved, ReservationCancelled } from '#proto/rentcar/reservation/v1/events.ts';
import { allocate, cancel } from './domain.ts';
import type { RentalStore } from './store.ts';

/** Event handlers of the rental service: a reservation allocates a car, and its cancellation cancels the allocation. */
export function rentalPolicies(store: RentalStore): EventHandler[] {
  // In one call, so that all rentals of a transaction are locked in one order.
  return onBatchOf([CarReserved, ReservationCancelled], async (events, tx, envelopes) => {
    const cancelled = new Set(events.filter((_, index) => envelopes[index]?.type === ReservationCancelled.$type).map(rentalIdOf));
    const changes = events.map((event, index) => {
      const rentalId = rentalIdOf(event);
      const rule = envelopes[index]?.type === ReservationCancelled.$type ? cancel : allocate;
      return {
        rentalId,
        rule: (rental: Parameters<typeof rule>[0]) => rule(rental, event, rentalId),
        isAddition: !cancelled.has(rentalId),
        trace: envelopes[index]?.trace ?? {},
      };
    });
    await store.changeAll(changes, tx);
  });
}

/** Returns the id of the rental of a reservation. A reservation has one rental, so its id follows from the reservation's. */
function rentalIdOf({ reservationId }: { readonly reservationId: string }): string {
  return derivedId('rentcar.rental', reservationId);
}

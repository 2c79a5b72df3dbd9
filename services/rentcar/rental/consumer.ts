import { type EventHandler, on } from '#kit/events.ts';
import { derivedId } from '#kit/ids.ts';
import { CarReserved, ReservationCancelled } from '#proto/rentcar/reservation/v1/events.ts';
import { allocate, cancel } from './domain.ts';
import type { RentalStore } from './store.ts';

/** A reservation is allocated a car; its cancellation cancels the allocation. */
export function rentalPolicies(store: RentalStore): EventHandler[] {
  return [
    on(CarReserved, async (event, tx) => {
      await store.update(event, (rental) => allocate(rental, event, rentalIdOf(event)), tx);
    }),
    on(ReservationCancelled, async (event, tx) => {
      await store.update(event, (rental) => cancel(rental, event, rentalIdOf(event)), tx);
    }),
  ];
}

/** A reservation has one rental, so its id follows from the reservation's: whoever knows the one can name the other. */
function rentalIdOf({ reservationId }: { readonly reservationId: string }): string {
  return derivedId('rentcar.rental', reservationId);
}

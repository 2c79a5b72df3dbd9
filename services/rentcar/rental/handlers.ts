import type { EventHandler } from '#kit/events/events.ts';
import type { Store } from '#kit/postgres/store.ts';
import { CarReserved, ReservationCancelled } from '#proto/rentcar/reservation/v1/events.ts';
import { allocate, cancel } from './domain.ts';
import type { rentalTable } from './store.ts';

/** Event handlers of the rental service. A reservation has one rental, so the rental's id follows from the reservation's. */
export function rentalHandlers(rentals: Store<typeof rentalTable>): EventHandler[] {
  return [
    rentals.on(CarReserved, (event) => {
      const id = rentals.idFrom(event.reservationId);
      return { id, rule: (rental) => allocate(rental, event, id), isNew: true };
    }),
    rentals.on(ReservationCancelled, (event) => {
      const id = rentals.idFrom(event.reservationId);
      return { id, rule: (rental) => cancel(rental, event, id) };
    }),
  ];
}

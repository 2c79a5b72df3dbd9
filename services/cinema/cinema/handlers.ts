import type { EventHandler } from '#kit/events/events.ts';
import type { Store } from '#kit/postgres/store.ts';
import { PaymentCompleted, PaymentRefunded } from '#proto/cinema/payment/v1/events.ts';
import { accept, cancel } from './domain.ts';
import type { bookingTable } from './store.ts';

/** Event handlers of the cinema service. A reservation has one booking, so the booking's id follows from the reservation's. */
export function cinemaHandlers(bookings: Store<typeof bookingTable>): EventHandler[] {
  return [
    bookings.on(PaymentCompleted, (ticket) => {
      const id = bookings.idFrom(ticket.reservationId);
      return { id, rule: (booking) => accept(booking, ticket, id), isNew: true };
    }),
    bookings.on(PaymentRefunded, (ticket) => {
      const id = bookings.idFrom(ticket.reservationId);
      return { id, rule: (booking) => cancel(booking, ticket, id) };
    }),
  ];
}

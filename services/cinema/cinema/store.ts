import { enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { Booking_Status } from '#proto/cinema/cinema/v1/cinema.ts';
import { BookingAccepted, BookingCancelled } from '#proto/cinema/cinema/v1/events.ts';

/** Bookings. */
export const bookingTable = table('bookings', {
  namespace: 'cinema.cinema',
  id: 'bookingId',
  columns: {
    bookingId: uuid,
    reservationId: uuid,
    userId: text,
    cinemaNo: text,
    time: text,
    price: integer,
    status: enumOf(Booking_Status),
  },
  mutable: ['status'],
  events: { BookingAccepted, BookingCancelled },
});

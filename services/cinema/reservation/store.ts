import { enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { PaymentReleaseRequested, ReservationCancelled, TicketRequested, TicketReserved } from '#proto/cinema/reservation/v1/events.ts';
import { Reservation_Status } from '#proto/cinema/reservation/v1/reservation.ts';

/** Reservations. */
export const reservationTable = table('reservations', {
  namespace: 'cinema.reservation',
  id: 'reservationId',
  columns: { reservationId: uuid, userId: text, cinemaNo: text, time: text, price: integer, status: enumOf(Reservation_Status) },
  mutable: ['status'],
  events: { TicketRequested, TicketReserved, ReservationCancelled, PaymentReleaseRequested },
});

import { enumOf, table, text, uuid } from '#kit/postgres/table.ts';
import { CarReserved, ReservationCancelled, StockReleaseRequested } from '#proto/rentcar/reservation/v1/events.ts';
import { Reservation_Status } from '#proto/rentcar/reservation/v1/reservation.ts';

/** Reservations. */
export const reservationTable = table('reservations', {
  namespace: 'rentcar.reservation',
  id: 'reservationId',
  columns: {
    reservationId: uuid,
    carId: uuid,
    carName: text,
    userId: text,
    userName: text,
    reservedDate: text,
    status: enumOf(Reservation_Status),
  },
  mutable: ['status'],
  events: { CarReserved, ReservationCancelled, StockReleaseRequested },
});

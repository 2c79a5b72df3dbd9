import type { Store } from '#kit/postgres/store.ts';
import { toWire } from '#kit/postgres/table.ts';
import { change, get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { ReservationServiceService } from '#proto/cinema/reservation/v1/reservation.ts';
import { cancel } from './domain.ts';
import type { Reserving } from './reserve.ts';
import { reservationTable } from './store.ts';

/** Answers the calls of cinema.reservation.v1.ReservationService. */
export function reservationService(
  reservations: Store<typeof reservationTable>,
  reserving: Reserving,
): Handlers<typeof ReservationServiceService> {
  return {
    reserveTicket: async (request, context) => ({ reservation: toWire(reservationTable, await reserving.run(request, context)) }),
    getReservation: async ({ reservationId }, context) => ({ reservation: await get(reservations, reservationId, context) }),
    listReservations: (request, context) => list(reservations, request, context),
    cancelReservation: async ({ reservationId }) => ({
      reservation: await change(reservations, reservationId, cancel, { NOT_CANCELLABLE: 'was rejected' }),
    }),
  };
}

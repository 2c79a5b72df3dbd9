import { setEtag } from '#kit/rpc/call.ts';
import { failedPrecondition, notFound } from '#kit/rpc/errors.ts';
import { pageOf } from '#kit/rpc/pagination.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import { Reservation_Status, type ReservationServiceService, type Reservation as Wire } from '#proto/rentcar/reservation/v1/reservation.ts';
import { cancel, type Status } from './domain.ts';
import { reserve, type StockCheck } from './reserve.ts';
import type { ReservationStore, StoredReservation } from './store.ts';

/** Answers the calls of rentcar.reservation.v1.ReservationService. */
export function reservationService(store: ReservationStore, car: StockCheck): Handlers<typeof ReservationServiceService> {
  return {
    async reserveCar(request, context) {
      return { reservation: toWire(await reserve(request, context, store, car)) };
    },

    async getReservation({ reservationId }, context) {
      const reservation = await store.find(reservationId);
      if (reservation === undefined) throw reservationNotFound(reservationId);
      setEtag(context, reservation.version);
      return { reservation: toWire(reservation) };
    },

    async listReservations(request, context) {
      const { userId, carId } = request;
      const page = pageOf(request, context, ['date', 'uuid']);
      const filter = { userId, carId, status: statusFromWire(request.status) };
      const { rows, hasMore } = await store.list({ ...filter, after: page.after, limit: page.limit });
      const nextPageToken = page.nextPageToken(rows, ({ createTime, reservationId }) => [createTime, reservationId], hasMore);
      return { reservations: rows.map(toWire), nextPageToken };
    },

    async cancelReservation({ reservationId }) {
      const reservation = await store.update(reservationId, cancel);
      if (reservation === undefined) throw reservationNotFound(reservationId);
      if (reservation === 'NOT_CANCELLABLE') {
        throw failedPrecondition(reservation, `reservation ${reservationId} is completed or was rejected`, { reservationId });
      }
      return { reservation: toWire(reservation) };
    },
  };
}

function reservationNotFound(reservationId: string): Error {
  return notFound('RESERVATION_NOT_FOUND', `there is no reservation ${reservationId}`, { reservationId });
}

function toWire(reservation: StoredReservation): Wire {
  return { ...reservation, status: Reservation_Status[reservation.status] };
}

function statusFromWire(status: Reservation_Status): Status | undefined {
  const statuses: readonly Status[] = ['RESERVED', 'REJECTED', 'CANCELLED', 'COMPLETED'];
  return statuses.find((name) => Reservation_Status[name] === status);
}

import { setEtag } from '#kit/rpc/call.ts';
import { failedPrecondition, notFound } from '#kit/rpc/errors.ts';
import { pageOf } from '#kit/rpc/pagination.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import { Rental_Status, type RentalServiceService, type Rental as Wire } from '#proto/rentcar/rental/v1/rental.ts';
import type { Status } from './domain.ts';
import type { RentalStore, StoredRental } from './store.ts';

/** Answers the calls of rentcar.rental.v1.RentalService from the store. */
export function rentalService(store: RentalStore): Handlers<typeof RentalServiceService> {
  return {
    async getRental({ rentalId }, context) {
      const rental = await store.find(rentalId);
      if (rental === undefined) throw rentalNotFound(rentalId);
      setEtag(context, rental.version);
      return { rental: toWire(rental) };
    },

    async listRentals(request, context) {
      const { reservationId, userId } = request;
      const page = pageOf(request, context, ['date', 'uuid']);
      const filter = { reservationId, userId, status: statusFromWire(request.status) };
      const { rows, hasMore } = await store.list({ ...filter, after: page.after, limit: page.limit });
      const nextPageToken = page.nextPageToken(rows, ({ createTime, rentalId }) => [createTime, rentalId], hasMore);
      return { rentals: rows.map(toWire), nextPageToken };
    },

    async completeRental({ rentalId }) {
      const rental = await store.complete(rentalId);
      if (rental === undefined) throw rentalNotFound(rentalId);
      if (rental === 'NOT_ALLOCATED') throw failedPrecondition(rental, `rental ${rentalId} was cancelled`, { rentalId });
      return { rental: toWire(rental) };
    },
  };
}

function rentalNotFound(rentalId: string): Error {
  return notFound('RENTAL_NOT_FOUND', `there is no rental ${rentalId}`, { rentalId });
}

function toWire(rental: StoredRental): Wire {
  return { ...rental, status: Rental_Status[rental.status] };
}

function statusFromWire(status: Rental_Status): Status | undefined {
  const statuses: readonly Status[] = ['ALLOCATED', 'CANCELLED', 'COMPLETED'];
  return statuses.find((name) => Rental_Status[name] === status);
}

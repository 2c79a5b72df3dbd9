import type { Store } from '#kit/postgres/store.ts';
import { change, get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { RentalServiceService } from '#proto/rentcar/rental/v1/rental.ts';
import { complete } from './domain.ts';
import type { rentalTable } from './store.ts';

/** Answers the calls of rentcar.rental.v1.RentalService. */
export function rentalService(rentals: Store<typeof rentalTable>): Handlers<typeof RentalServiceService> {
  return {
    getRental: async ({ rentalId }, context) => ({ rental: await get(rentals, rentalId, context) }),
    listRentals: (request, context) => list(rentals, request, context),
    completeRental: async ({ rentalId }) => ({ rental: await change(rentals, rentalId, complete, { NOT_ALLOCATED: 'was cancelled' }) }),
  };
}

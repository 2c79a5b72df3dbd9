import type { Store } from '#kit/postgres/store.ts';
import type { Client } from '#kit/rpc/client.ts';
import { createOnce, get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { RentalServiceService } from '#proto/rentalbook/rental/v1/rental.ts';
import type { SystemServiceService } from '#proto/rentalbook/system/v1/system.ts';
import { rent } from './domain.ts';
import { returnRental } from './return.ts';
import type { rentalTable } from './store.ts';

/** Answers the calls of rentalbook.rental.v1.RentalService. */
export function rentalService(
  rentals: Store<typeof rentalTable>,
  system: Pick<Client<typeof SystemServiceService>, 'returnBook'>,
): Handlers<typeof RentalServiceService> {
  return {
    rentBook: async (request, context) => ({
      rental: await createOnce(rentals, context, { create: (rentalId) => rent(rentalId, request, new Date()) }),
    }),
    getRental: async ({ rentalId }, context) => ({ rental: await get(rentals, rentalId, context) }),
    listRentals: (request, context) => list(rentals, request, context),
    returnRental: async ({ rentalId }, context) => ({ rental: await returnRental(rentals, system, rentalId, context) }),
  };
}

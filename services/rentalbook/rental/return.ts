import { outcomeOf } from '#kit/guarded-call/outcome.ts';
import type { Store } from '#kit/postgres/store.ts';
import type { Wire } from '#kit/postgres/table.ts';
import type { CallContext } from '#kit/rpc/call.ts';
import type { Client } from '#kit/rpc/client.ts';
import { unavailable } from '#kit/rpc/errors.ts';
import { change, entityNotFound } from '#kit/rpc/resource.ts';
import type { SystemServiceService } from '#proto/rentalbook/system/v1/system.ts';
import { giveBack } from './domain.ts';
import { rentalTable } from './store.ts';

type Rentals = Store<typeof rentalTable>;

/**
 * Returns the book of a rental: system records the return before the rental becomes RETURNED. While the outcome is unknown the
 * rental stays CONFIRMED, and a repetition settles it: system records one return per rental.
 */
export async function returnRental(
  rentals: Rentals,
  system: Pick<Client<typeof SystemServiceService>, 'returnBook'>,
  rentalId: string,
  context: CallContext,
): Promise<Wire<typeof rentalTable>> {
  const rental = await rentals.find(rentalId);
  if (rental === undefined) throw entityNotFound(rentalTable, rentalId);
  if (rental.status === 'CONFIRMED') {
    const outcome = await outcomeOf(() => system.returnBook({ rentalId, bookId: rental.bookId }, context));
    if (outcome.kind === 'refused' || outcome.kind === 'otherContent') throw outcome.error;
    if (outcome.kind !== 'granted') {
      const message = 'the return could not be recorded; the rental is as before, please try again';
      throw unavailable('RETURN_UNRECORDED', message, { cause: outcome.error, metadata: { rentalId } });
    }
  }
  return await change(rentals, rentalId, giveBack, { NOT_RETURNABLE: 'is not confirmed' });
}

import { GuardedCall } from '#kit/guarded-call/caller.ts';
import type { Store } from '#kit/postgres/store.ts';
import type { Client } from '#kit/rpc/client.ts';
import type { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { accept, type ReservationRequest, reject, tombstone } from './domain.ts';
import type { reservationTable } from './store.ts';

/** Reserving a car: car holds stock for the reservation's id before the reservation is stored. */
export type Reserving = ReturnType<typeof reserving>;

/** Returns the guarded call that reserves a car. */
export function reserving(reservations: Store<typeof reservationTable>, car: Client<typeof CarServiceService>) {
  return new GuardedCall({
    entities: reservations,
    call: (reservationId, { carId }: ReservationRequest, context) => car.checkUpdateStock({ carId, reservationId }, context),
    accept: (reservationId, request, { carName }) => accept(reservationId, request, carName),
    release: { event: 'StockReleaseRequested', reject, tombstone },
    unavailable: { reason: 'STOCK_UNCHECKED', message: 'the stock could not be checked; nothing was reserved, please try again' },
  });
}

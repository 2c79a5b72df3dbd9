/** Where a rental stands. CANCELLED and COMPLETED are final. */
export type Status = 'ALLOCATED' | 'CANCELLED' | 'COMPLETED';

/** A reservation as its events tell of it. */
export interface Reserved {
  readonly reservationId: string;
  readonly carId: string;
  readonly userId: string;
}

/** A car set aside for one reservation. `version` grows by one with each change. */
export interface Rental extends Reserved {
  readonly rentalId: string;
  readonly status: Status;
  readonly version: number;
}

/**
 * The rental that a reservation leads to: one for each reservation id, whatever arrives twice. A rental that is there stays as it is, also
 * where the cancellation overtook the reservation.
 */
export function allocate(existing: Rental | undefined, { reservationId, carId, userId }: Reserved, rentalId: string): Rental {
  return existing ?? { rentalId, reservationId, carId, userId, status: 'ALLOCATED', version: 1 };
}

/**
 * The rental of a cancelled reservation. A cancellation that overtook its reservation leaves a cancelled rental, so that nothing is
 * allocated later; one that comes after the use was completed changes nothing.
 */
export function cancel(existing: Rental | undefined, { reservationId, carId, userId }: Reserved, rentalId: string): Rental {
  if (existing === undefined) return { rentalId, reservationId, carId, userId, status: 'CANCELLED', version: 1 };
  return existing.status === 'ALLOCATED' ? { ...existing, status: 'CANCELLED', version: existing.version + 1 } : existing;
}

/** Records that the car was used and is back. A completed rental comes back as it is; a cancelled one is NOT_ALLOCATED. */
export function complete(rental: Rental): Rental | 'NOT_ALLOCATED' {
  switch (rental.status) {
    case 'ALLOCATED':
      return { ...rental, status: 'COMPLETED', version: rental.version + 1 };
    case 'COMPLETED':
      return rental;
    case 'CANCELLED':
      return 'NOT_ALLOCATED';
  }
}

import type { Decision } from '#kit/decision.ts';

/** A car set aside for one reservation. CANCELLED and COMPLETED are final. */
export interface Rental extends Reserved {
  readonly rentalId: string;
  readonly status: 'ALLOCATED' | 'CANCELLED' | 'COMPLETED';
}

/** A reservation as its events report it. */
export interface Reserved {
  readonly reservationId: string;
  readonly carId: string;
  readonly userId: string;
}

type RentalDecision<R extends string = never> = Decision<Rental, 'CarAllocated' | 'AllocationCancelled' | 'UseCompleted', R>;

/** Allocates a car to a reservation, once. An existing rental stays as it is, also where the cancellation arrived first. */
export function allocate(existing: Rental | undefined, { reservationId, carId, userId }: Reserved, rentalId: string): RentalDecision {
  if (existing !== undefined) return undefined;
  return { state: { rentalId, reservationId, carId, userId, status: 'ALLOCATED' }, events: ['CarAllocated'] };
}

/**
 * Cancels the rental of a cancelled reservation. A cancellation that arrives before its reservation leaves a cancelled rental, so
 * that nothing is allocated later. One that arrives after the use was completed changes nothing.
 */
export function cancel(existing: Rental | undefined, { reservationId, carId, userId }: Reserved, rentalId: string): RentalDecision {
  const rental = existing ?? { rentalId, reservationId, carId, userId, status: 'ALLOCATED' };
  return rental.status === 'ALLOCATED' ? { state: { ...rental, status: 'CANCELLED' }, events: ['AllocationCancelled'] } : undefined;
}

/** Records that the car was used and is back. A completed rental stays as it is; a cancelled one is NOT_ALLOCATED. */
export function complete(rental: Rental): RentalDecision<'NOT_ALLOCATED'> {
  switch (rental.status) {
    case 'ALLOCATED':
      return { state: { ...rental, status: 'COMPLETED' }, events: ['UseCompleted'] };
    case 'COMPLETED':
      return undefined;
    case 'CANCELLED':
      return 'NOT_ALLOCATED';
  }
}

import { enumOf, table, text, uuid } from '#kit/postgres/table.ts';
import { AllocationCancelled, CarAllocated, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { Rental_Status } from '#proto/rentcar/rental/v1/rental.ts';

/** Rentals. */
export const rentalTable = table('rentals', {
  namespace: 'rentcar.rental',
  id: 'rentalId',
  columns: { rentalId: uuid, reservationId: uuid, carId: uuid, userId: text, status: enumOf(Rental_Status) },
  mutable: ['status'],
  events: { CarAllocated, AllocationCancelled, UseCompleted },
});

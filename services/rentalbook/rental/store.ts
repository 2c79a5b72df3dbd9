import { enumOf, table, text, uuid } from '#kit/postgres/table.ts';
import { Rented, Returned } from '#proto/rentalbook/rental/v1/events.ts';
import { Rental_Status } from '#proto/rentalbook/rental/v1/rental.ts';

/** Rentals. */
export const rentalTable = table('rentals', {
  namespace: 'rentalbook.rental',
  id: 'rentalId',
  columns: { rentalId: uuid, bookId: uuid, bookNm: text, userNm: text, status: enumOf(Rental_Status), reason: text, reserveId: text },
  mutable: ['status', 'reason', 'reserveId'],
  events: { Rented, Returned },
});

import { bigint, enumOf, table, text, uuid } from '#kit/postgres/table.ts';
import { Book_Status } from '#proto/rentalbook/book/v1/book.ts';
import { BookAdded } from '#proto/rentalbook/book/v1/events.ts';

/** Books. */
export const bookTable = table('books', {
  namespace: 'rentalbook.book',
  id: 'bookId',
  columns: { bookId: uuid, bookNm: text, status: enumOf(Book_Status), circulationVersion: bigint },
  mutable: ['status', 'circulationVersion'],
  events: { BookAdded },
});

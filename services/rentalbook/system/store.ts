import { boolean, enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { Checked, CheckFailed, ReturnedBook, Subscribed, SubscriptionCancelled } from '#proto/rentalbook/system/v1/events.ts';
import { Reserve_Status } from '#proto/rentalbook/system/v1/system.ts';

const member = { bookId: uuid, bookNm: text, userNm: text };

/** Reserves. */
export const reserveTable = table('reserves', {
  namespace: 'rentalbook.reserve',
  id: 'reserveId',
  columns: { reserveId: uuid, ...member, status: enumOf(Reserve_Status), rentalId: text },
  mutable: ['status', 'rentalId'],
  events: {},
});

/** Who has each book, and how many reserves it has. Changes of a book's reserves, checks and returns lock its row. */
export const circulationTable = table('circulations', {
  namespace: 'rentalbook.circulation',
  id: 'bookId',
  columns: { ...member, activeReserves: integer, onRental: boolean, rentalId: text, reserveId: text },
  mutable: ['bookNm', 'userNm', 'activeReserves', 'onRental', 'rentalId', 'reserveId'],
  events: { Subscribed, SubscriptionCancelled, Checked, ReturnedBook },
});

/** The outcome of the check of each rental, so that a rental is checked once. */
export const checkTable = table('checks', {
  namespace: 'rentalbook.check',
  id: 'rentalId',
  columns: { rentalId: uuid, bookId: uuid, userNm: text, reason: text },
  mutable: [],
  events: { CheckFailed },
});

/** Returns, by their rentals. */
export const returnTable = table('returns', {
  namespace: 'rentalbook.return',
  id: 'rentalId',
  columns: { rentalId: uuid, returnId: uuid, ...member },
  mutable: [],
  events: {},
});

/** Selects the ACTIVE reserves of books ($1) by members ($2, the member of each book in $1). */
export const ACTIVE_RESERVES = `select ${reserveTable.statements.columns} from reserves
  where status = 'ACTIVE' and (book_id, user_nm) in (select * from unnest($1::uuid[], $2::text[]))`;

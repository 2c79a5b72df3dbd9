import { Mypage_Status } from '#proto/rentalbook/mypage/v1/mypage.ts';
import { readPostgres, readProjection } from '../../../dev/checks/databases.ts';
import type { Stores } from '../../../dev/systems/stores.ts';

/** A rental, a reserve or a return of a book. */
interface OfBook {
  readonly bookId: string;
  readonly rentalId: string;
}

/** What the databases of Rental Book say, each read at one moment. */
export interface LibrarySnapshot {
  /** The oldest first. */
  readonly books: readonly { readonly bookId: string; readonly bookNm: string; readonly status: string }[];
  readonly reserves: readonly (OfBook & { readonly reserveId: string; readonly status: string })[];
  readonly rentals: readonly (OfBook & { readonly status: string })[];
  readonly returns: readonly OfBook[];
  /** Stored statuses of mypage by reserve id. */
  readonly shown: ReadonlyMap<string, number>;
  /** Transactions whose events are not sent yet, by service. */
  readonly waiting: Readonly<Record<string, number>>;
}

/** The counts of one book. */
export interface BookLine {
  readonly bookId: string;
  readonly bookNm: string;
  readonly status: string;
  readonly activeReserves: number;
  readonly confirmed: number;
  readonly returned: number;
  readonly returns: number;
}

/** Returns the counts of each registered book. */
export function bookLines({ books, reserves, rentals, returns }: LibrarySnapshot): BookLine[] {
  const [active, confirmed, returned, recorded] = [
    reserves.filter(({ status }) => status === 'ACTIVE'),
    rentals.filter(({ status }) => status === 'CONFIRMED'),
    rentals.filter(({ status }) => status === 'RETURNED'),
    returns,
  ].map((each) => countBy(each.map(({ bookId }) => bookId)));
  return books.map(({ bookId, bookNm, status }) => ({
    ...{ bookId, bookNm, status },
    activeReserves: active?.get(bookId) ?? 0,
    confirmed: confirmed?.get(bookId) ?? 0,
    returned: returned?.get(bookId) ?? 0,
    returns: recorded?.get(bookId) ?? 0,
  }));
}

/** Returns what does not agree, one sentence each; empty if the invariant holds. */
export function differences(snapshot: LibrarySnapshot): string[] {
  const waiting = Object.entries(snapshot.waiting).filter(([, count]) => count > 0);
  return [
    ...bookDifferences(snapshot),
    ...rentalDifferences(snapshot),
    ...viewDifferences(snapshot),
    ...waiting.map(([service, count]) => `events of ${count} transactions of ${service} are not sent yet`),
  ];
}

function bookDifferences(snapshot: LibrarySnapshot): string[] {
  const confirmed = countBy(snapshot.rentals.filter(({ status }) => status === 'CONFIRMED').map(({ bookId }) => bookId));
  const shared = [...confirmed].filter(([, count]) => count > 1).map(([bookId, count]) => `book ${bookId} has ${count} CONFIRMED rentals`);
  const wrong = bookLines(snapshot).flatMap(({ bookId, status, activeReserves, confirmed }) => {
    const inLibrary = activeReserves > 0 ? 'BOOKING' : 'IN_STOCK';
    const expected = confirmed > 0 ? 'ON_RENTAL' : inLibrary;
    return status === expected
      ? []
      : [`book ${bookId} is ${status}, but has ${confirmed} CONFIRMED rentals and ${activeReserves} ACTIVE reserves`];
  });
  return [...shared, ...wrong];
}

function rentalDifferences({ rentals, reserves, returns }: LibrarySnapshot): string[] {
  const used = countBy(reserves.filter(({ status }) => status === 'USED').map(({ rentalId }) => rentalId));
  const returned = countBy(returns.map(({ rentalId }) => rentalId));
  /** How many used reserves and returns a rental has, by its status. */
  const expected: Readonly<Record<string, readonly [number, number]>> = { CONFIRMED: [1, 0], RETURNED: [1, 1], REJECTED: [0, 0] };
  const known = new Set(rentals.map(({ rentalId }) => rentalId));
  const orphans = [...used.keys(), ...returned.keys()].filter((rentalId) => !known.has(rentalId));
  return [
    ...rentals.flatMap(({ rentalId, status }) => {
      const counts = [used.get(rentalId) ?? 0, returned.get(rentalId) ?? 0] as const;
      const [reserves, returns] = counts;
      const agrees = expected[status]?.every((count, index) => count === counts[index]) ?? false;
      return agrees ? [] : [`rental ${rentalId} is ${status}, but has ${reserves} USED reserves and ${returns} returns`];
    }),
    ...orphans.map((rentalId) => `system knows rental ${rentalId}, which does not exist`),
  ];
}

function viewDifferences({ reserves, rentals, shown }: LibrarySnapshot): string[] {
  const statusOf = new Map(rentals.map(({ rentalId, status }) => [rentalId, status]));
  return reserves.flatMap(({ reserveId, status, rentalId }) => {
    const rental = statusOf.get(rentalId);
    const view = shown.get(reserveId);
    return view === viewOf(status, rental)
      ? []
      : [`reserve ${reserveId} is ${status} (rental ${rental ?? '-'}), but mypage shows ${nameOf(view)}`];
  });
}

function viewOf(reserve: string, rental: string | undefined): Mypage_Status {
  switch (reserve) {
    case 'ACTIVE':
      return Mypage_Status.BOOKING;
    case 'CANCELLED':
      return Mypage_Status.CANCELLED;
    default:
      return rental === 'RETURNED' ? Mypage_Status.RETURN_COMPLETE : Mypage_Status.ON_RENTAL;
  }
}

function nameOf(view: number | undefined): string {
  return Object.entries(Mypage_Status).find(([, number]) => number === view)?.[0] ?? 'nothing';
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Reads the databases of Rental Book. Each is read at one moment; the moments differ, so a difference counts only if it stays. */
export async function readLibrary(stores: Stores): Promise<LibrarySnapshot> {
  const ofBook = 'book_id AS "bookId", rental_id AS "rentalId"';
  const [book, system, rental, shown] = await Promise.all([
    readPostgres(stores, 'rentalbook_book', async (reader) => ({
      books: await reader.rows<LibrarySnapshot['books'][number]>(
        'SELECT book_id AS "bookId", book_nm AS "bookNm", status FROM books ORDER BY create_time, book_id',
      ),
      waiting: await reader.unsent(),
    })),
    readPostgres(stores, 'rentalbook_system', async (reader) => ({
      reserves: await reader.rows<LibrarySnapshot['reserves'][number]>(
        `SELECT reserve_id AS "reserveId", ${ofBook}, status FROM reserves ORDER BY create_time`,
      ),
      returns: await reader.rows<OfBook>(`SELECT ${ofBook} FROM returns`),
      waiting: await reader.unsent(),
    })),
    readPostgres(stores, 'rentalbook_rental', async (reader) => ({
      rentals: await reader.rows<LibrarySnapshot['rentals'][number]>(`SELECT ${ofBook}, status FROM rentals ORDER BY create_time`),
      waiting: await reader.unsent(),
    })),
    readProjection(stores, 'rentalbook_mypage', 'mypages'),
  ]);
  return {
    books: book.books,
    reserves: system.reserves,
    returns: system.returns,
    rentals: rental.rentals,
    shown,
    waiting: { book: book.waiting, system: system.waiting, rental: rental.waiting },
  };
}

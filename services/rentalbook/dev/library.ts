import { Mypage_Status } from '#proto/rentalbook/mypage/v1/mypage.ts';
import { readProjection, readTables, unsentEvents, type Waiting } from '../../../dev/checks/databases.ts';
import type { Stores } from '../../../dev/systems/stores.ts';

/** A rental, a reserve or a return of a book. */
interface OfBook {
  readonly bookId: string;
  readonly rentalId: string;
}

/** Rows of the databases of Rental Book. */
interface Rows {
  readonly books: { readonly bookId: string; readonly bookNm: string; readonly status: string };
  readonly reserves: OfBook & { readonly reserveId: string; readonly status: string };
  readonly rentals: OfBook & { readonly status: string };
  readonly returns: OfBook;
}

/** What the databases of Rental Book say, each read at one moment. */
export interface LibrarySnapshot {
  /** The oldest first. */
  readonly books: readonly Rows['books'][];
  readonly reserves: readonly Rows['reserves'][];
  readonly rentals: readonly Rows['rentals'][];
  readonly returns: readonly Rows['returns'][];
  /** Stored statuses of mypage by reserve id. */
  readonly shown: ReadonlyMap<string, number>;
  readonly waiting: Waiting;
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
  return [...bookDifferences(snapshot), ...rentalDifferences(snapshot), ...viewDifferences(snapshot), ...unsentEvents(snapshot.waiting)];
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

/** Reads the databases of Rental Book. */
export async function readLibrary(stores: Stores): Promise<LibrarySnapshot> {
  const [{ rows, waiting }, shown] = await Promise.all([
    readTables<Rows>(stores, 'rentalbook', {
      book: { books: 'SELECT book_id, book_nm, status FROM books ORDER BY create_time, book_id' },
      system: {
        reserves: 'SELECT reserve_id, book_id, rental_id, status FROM reserves ORDER BY create_time',
        returns: 'SELECT book_id, rental_id FROM returns',
      },
      rental: { rentals: 'SELECT book_id, rental_id, status FROM rentals ORDER BY create_time' },
    }),
    readProjection(stores, 'rentalbook_mypage', 'mypages'),
  ]);
  return { ...rows, shown, waiting };
}

import type { Outcome } from '#kit/decision.ts';

/** One copy of a book. */
export interface Book {
  readonly bookId: string;
  readonly bookNm: string;
  readonly status: 'IN_STOCK' | 'BOOKING' | 'ON_RENTAL';
  /** The version of the newest event of system that the status follows from; 0 before the first. */
  readonly circulationVersion: number;
}

/** A book as events of system report it. */
export interface BookReport {
  readonly activeReserves: number;
  readonly onRental: boolean;
  /** Higher with each change of the book in system. */
  readonly version: number;
}

/** A newly registered book. */
export function register(bookId: string, { bookNm }: Pick<Book, 'bookNm'>): Outcome<Book, 'BookAdded'> {
  return { state: { bookId, bookNm, status: 'IN_STOCK', circulationVersion: 0 }, events: ['BookAdded'] };
}

/** Follows a report of system. The newest report counts, whatever the order of arrival. */
export function follow(book: Book | undefined, { activeReserves, onRental, version }: BookReport): Outcome<Book, never> | undefined {
  if (book === undefined || version <= book.circulationVersion) return undefined;
  const inLibrary = activeReserves > 0 ? 'BOOKING' : 'IN_STOCK';
  return { state: { ...book, status: onRental ? 'ON_RENTAL' : inLibrary, circulationVersion: version }, events: [] };
}

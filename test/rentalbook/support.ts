import { expect } from 'vitest';
import { differences, readLibrary } from '../../services/rentalbook/dev/library.ts';
import { eventually } from '../support/eventually.ts';
import { patiently, unique } from '../support/patiently.ts';
import { get, listAll, rest } from '../support/rest.ts';
import { tested } from '../support/tested/index.ts';

/** A book as REST shows it. */
export interface Book {
  readonly bookId: string;
  readonly bookNm: string;
  readonly status: string;
}

/** A book and a member. */
export interface BookOfMember {
  readonly bookId: string;
  readonly bookNm: string;
  readonly userNm: string;
}

/** A reserve as REST shows it. */
export interface Reserve extends BookOfMember {
  readonly reserveId: string;
  readonly status: string;
}

/** A rental as REST shows it. */
export interface Rental extends BookOfMember {
  readonly rentalId: string;
  readonly status: string;
  readonly reason: string;
}

/** A row of mypage as REST shows it. */
export interface Mypage extends BookOfMember {
  readonly status: string;
  readonly statusText: string;
  readonly rentalId: string;
  readonly reason: string;
  readonly history: readonly { readonly status: string }[];
}

/** Longer than a consumer whose member died needs to join its group again. */
const SETTLED_MS = 60_000;

/** Registers a book of its own. */
export async function register(bookNm = unique('book')): Promise<Book> {
  return await rest('POST', '/rentalbook/books', { bookNm });
}

/** What a member of its own asks for. */
export function memberOf({ bookId, bookNm }: Pick<Book, 'bookId' | 'bookNm'>, userNm = unique('member')): BookOfMember {
  return { bookId, bookNm, userNm };
}

/** Reserves once. */
export async function tryReserve(member: BookOfMember, headers: Record<string, string> = {}): Promise<Reserve> {
  return await rest('POST', '/rentalbook/reserves', member, { headers });
}

/** Reserves as a client should: repeats what is UNAVAILABLE under the same idempotency key. */
export async function reserve(member: BookOfMember): Promise<Reserve> {
  const headers = { 'idempotency-key': unique('key') };
  return await patiently(() => tryReserve(member, headers));
}

/** Requests a book once. */
export async function tryRent(member: BookOfMember, headers: Record<string, string> = {}): Promise<Rental> {
  return await rest('POST', '/rentalbook/rentals', member, { headers });
}

/** Requests a book as a client should. */
export async function rent(member: BookOfMember): Promise<Rental> {
  const headers = { 'idempotency-key': unique('key') };
  return await patiently(() => tryRent(member, headers));
}

/** A rental that is CONFIRMED, with its member and reserve. */
export interface Loan {
  readonly member: BookOfMember;
  readonly reserveId: string;
  readonly rentalId: string;
}

/** Reserves and rents as a client should, and waits until the rental is CONFIRMED. Default: a book and a member of its own. */
export async function lend(to?: BookOfMember): Promise<Loan> {
  const member = to ?? memberOf(await register());
  const { reserveId } = await reserve(member);
  const { rentalId } = await rent(member);
  await rentalBecomes(rentalId, { status: 'CONFIRMED' });
  return { member, reserveId, rentalId };
}

/** Returns a book once. */
export async function tryReturn(rentalId: string): Promise<Rental> {
  return await rest('POST', `/rentalbook/rentals/${rentalId}:return`, {});
}

export async function returnsOf(userNm: string): Promise<BookOfMember[]> {
  return await listAll('/rentalbook/returns', 'returns', { userNm });
}

export async function rentalsOf(bookId: string): Promise<Rental[]> {
  return await listAll('/rentalbook/rentals', 'rentals', { bookId });
}

/** Waits until a path answers with these fields. */
export async function shows<T extends object>(path: string, expected: Partial<T>): Promise<T> {
  const look = async () => {
    const found = await get<T>(path);
    expect(found).toMatchObject(expected);
    return found;
  };
  return await eventually(`${path} has ${JSON.stringify(expected)}`, look, SETTLED_MS);
}

export const bookBecomes = (bookId: string, status: string) => shows<Book>(`/rentalbook/books/${bookId}`, { status });
export const rentalBecomes = (rentalId: string, expected: Partial<Rental>) => shows<Rental>(`/rentalbook/rentals/${rentalId}`, expected);
export const viewBecomes = (reserveId: string, expected: Partial<Mypage>) => shows<Mypage>(`/rentalbook/mypages/${reserveId}`, expected);

/** Waits until the invariant of Rental Book holds and no event is under way. */
export async function libraryAgrees(): Promise<void> {
  await tested.withStores(async (stores) => {
    await eventually('all services agree', async () => expect(differences(await readLibrary(stores))).toEqual([]), SETTLED_MS);
  });
}

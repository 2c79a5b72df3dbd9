import { beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure.ts';
import { edge } from '../support/instance.ts';
import { NO_ID, patiently, unique } from '../support/patiently.ts';
import { get, rest } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import * as library from './support.ts';

beforeAll(() => runSystem('rentalbook'));

describe('a book', () => {
  it('is reserved, rented and returned, and book and mypage follow', async () => {
    const book = await library.register();
    const member = library.memberOf(book);
    const { reserveId } = await library.reserve(member);
    await library.bookBecomes(book.bookId, 'BOOKING');
    await library.viewBecomes(reserveId, { ...member, status: 'BOOKING', statusText: 'Booking' });
    const { rentalId, status } = await library.rent(member);
    expect(status).toBe('REQUESTED');
    await library.rentalBecomes(rentalId, { ...member, status: 'CONFIRMED' });
    await library.bookBecomes(book.bookId, 'ON_RENTAL');
    await library.viewBecomes(reserveId, { status: 'ON_RENTAL', statusText: 'On rental', rentalId });
    for (let calls = 0; calls < 2; calls++) expect(await library.tryReturn(rentalId)).toMatchObject({ rentalId, status: 'RETURNED' });
    await library.bookBecomes(book.bookId, 'IN_STOCK');
    const { history } = await library.viewBecomes(reserveId, { status: 'RETURN_COMPLETE', statusText: 'Return Complete' });
    expect(history.map((step) => step.status)).toEqual(['BOOKING', 'START_RENTAL', 'ON_RENTAL', 'RETURN_COMPLETE']);
    expect(await library.returnsOf(member.userNm)).toMatchObject([{ ...member, rentalId }]);
    expect(await get('/rentalbook/reserves', { userNm: member.userNm })).toMatchObject({
      reserves: [{ reserveId, status: 'USED', rentalId }],
    });
    expect(await get('/rentalbook/books', { bookNm: book.bookNm, status: 'IN_STOCK' })).toMatchObject({ books: [{ bookId: book.bookId }] });
  });

  it('is not rented without a reserve, and stays as it was', async () => {
    const book = await library.register();
    const { reserveId } = await library.reserve(library.memberOf(book));
    const { rentalId } = await library.rent(library.memberOf(book));
    await library.rentalBecomes(rentalId, { status: 'REJECTED', reason: 'NOT_RESERVED' });
    const failure = await failureOf(library.tryReturn(rentalId));
    expect(failure).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOT_RETURNABLE', domain: 'rentalbook.rentmesh' });
    await library.bookBecomes(book.bookId, 'BOOKING');
    await library.viewBecomes(reserveId, { status: 'BOOKING', reason: '' });
  });

  it('is not rented while another member has it, and the reserve can be used afterwards', async () => {
    const book = await library.register();
    const [first, second] = [library.memberOf(book), library.memberOf(book)];
    const reserves = [await library.reserve(first), await library.reserve(second)];
    const { rentalId } = await library.rent(first);
    await library.rentalBecomes(rentalId, { status: 'CONFIRMED' });
    const refused = await library.rent(second);
    await library.rentalBecomes(refused.rentalId, { status: 'REJECTED', reason: 'ALREADY_RENTED' });
    const secondId = reserves[1]?.reserveId ?? '';
    await library.viewBecomes(secondId, { status: 'BOOKING', reason: 'ALREADY_RENTED', rentalId: '' });
    await library.tryReturn(rentalId);
    await library.bookBecomes(book.bookId, 'BOOKING');
    const next = await library.rent(second);
    await library.rentalBecomes(next.rentalId, { status: 'CONFIRMED' });
    await library.viewBecomes(secondId, { status: 'ON_RENTAL', reason: '', rentalId: next.rentalId });
  });
});

describe('a reserve', () => {
  it('is cancelled, and not when it is used', async () => {
    const book = await library.register();
    const member = library.memberOf(book);
    const { reserveId } = await library.reserve(member);
    for (let calls = 0; calls < 2; calls++) {
      expect(await rest('POST', `/rentalbook/reserves/${reserveId}:cancel`, {})).toMatchObject({ status: 'CANCELLED' });
    }
    await library.bookBecomes(book.bookId, 'IN_STOCK');
    await library.viewBecomes(reserveId, { status: 'CANCELLED' });
    const used = await library.reserve(member);
    await library.rentalBecomes((await library.rent(member)).rentalId, { status: 'CONFIRMED' });
    const failure = await failureOf(rest('POST', `/rentalbook/reserves/${used.reserveId}:cancel`, {}));
    expect(failure).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOT_CANCELLABLE' });
  });

  it('and a rental are made once per member and idempotency key', async () => {
    const member = library.memberOf(await library.register());
    const headers = { 'idempotency-key': unique('key') };
    const makes: readonly (readonly [string, (member: library.BookOfMember, headers: Record<string, string>) => Promise<object>])[] = [
      ['reserveId', library.tryReserve],
      ['rentalId', library.tryRent],
    ];
    for (const [id, make] of makes) {
      const first = await patiently(() => make(member, headers));
      const [again] = await Promise.all([make(member, headers), make(member, headers)]);
      expect(Object.entries(again)).toContainEqual(Object.entries(first).find(([name]) => name === id));
      const failure = await failureOf(make({ ...member, bookNm: 'other' }, headers));
      expect(failure).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'IDEMPOTENCY_KEY_REUSED' });
    }
  });
});

describe('what is not there', () => {
  it.each([
    ['books', 'BOOK_NOT_FOUND'],
    ['rentals', 'RENTAL_NOT_FOUND'],
    ['mypages', 'MYPAGE_NOT_FOUND'],
  ])('is NOT_FOUND in /rentalbook/%s', async (list, reason) => {
    expect(await failureOf(get(`/rentalbook/${list}/${NO_ID}`))).toMatchObject({ code: 'NOT_FOUND', reason });
  });

  it('is the call between the services at the edge', async () => {
    const answer = await fetch(`${edge.url}/rentalbook.system.v1.SystemService/ReturnBook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rentalId: NO_ID, bookId: NO_ID }),
    });
    expect(answer.status).toBe(404);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { RentalServiceService } from '#proto/rentalbook/rental/v1/rental.ts';
import { SystemServiceService } from '#proto/rentalbook/system/v1/system.ts';
import { expectInvalid, failureOf } from '../support/failure.ts';
import { channel, client } from '../support/grpc.ts';
import { edge } from '../support/instance.ts';
import { NO_ID, unique } from '../support/patiently.ts';
import { get, listAll, rest } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { type BookOfMember, rentalsOf, tryRent, tryReserve } from './support.ts';

beforeAll(() => runSystem('rentalbook'));

const LONG = 'x'.repeat(101);
const wrong: [string, keyof BookOfMember, Partial<BookOfMember>][] = [
  ['a bookId that is no UUID', 'bookId', { bookId: '1' }],
  ['an empty bookNm', 'bookNm', { bookNm: '' }],
  ['a long bookNm', 'bookNm', { bookNm: LONG }],
  ['an empty userNm', 'userNm', { userNm: '' }],
  ['a long userNm', 'userNm', { userNm: LONG }],
  ['a userNm with U+0000', 'userNm', { userNm: 'a\0b' }],
];

describe.each([
  ['a reserve', tryReserve, client(channel(edge.address), SystemServiceService).reserveBook, 'system.v1.SystemService/ReserveBook'],
  ['a rental', tryRent, client(channel(edge.address), RentalServiceService).rentBook, 'rental.v1.RentalService/RentBook'],
])('%s with a wrong field is INVALID_ARGUMENT, names the field, and is not stored', (_, byRest, byGrpc, path) => {
  it.each(wrong)('%s', async (_, field, fields) => {
    const member = { bookId: NO_ID, bookNm: 'apple', userNm: unique('member'), ...fields };
    const byConnect = await fetch(`${edge.url}/rentalbook.${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(member),
    });
    expectInvalid(await failureOf(byRest(member)), field);
    expectInvalid(await failureOf(byGrpc(member)), field);
    expect(byConnect.status).toBe(400);
    expect(await byConnect.json()).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining(field) });
    expect(await rentalsOf(NO_ID)).toEqual([]);
    expect(await listAll('/rentalbook/reserves', 'reserves', { bookId: NO_ID })).toEqual([]);
  });
});

describe('other requests with a wrong field are INVALID_ARGUMENT, and name the field', () => {
  it.each([
    ['/rentalbook/books', 'bookNm', { bookNm: LONG }],
    ['/rentalbook/books', 'pageSize', { page_size: 101 }],
    ['/rentalbook/books/1', 'bookId', {}],
    ['/rentalbook/reserves', 'bookId', { bookId: '1' }],
    ['/rentalbook/returns', 'userNm', { userNm: LONG }],
    ['/rentalbook/rentals', 'pageToken', { page_token: 'x'.repeat(201) }],
    ['/rentalbook/rentals/1', 'rentalId', {}],
    ['/rentalbook/mypages', 'userNm', { userNm: LONG }],
    ['/rentalbook/mypages/1', 'reserveId', {}],
  ])('%s: %s', async (path, field, query) => {
    expectInvalid(await failureOf(get(path, query)), field);
  });

  it.each([
    ['/rentalbook/books', 'bookNm', { bookNm: LONG }],
    ['/rentalbook/rentals/1:return', 'rentalId', {}],
    ['/rentalbook/reserves/1:cancel', 'reserveId', {}],
  ])('POST %s: %s', async (path, field, body) => {
    expectInvalid(await failureOf(rest('POST', path, body)), field);
  });
});

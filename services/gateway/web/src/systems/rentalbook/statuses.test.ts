import { describe, expect, it } from 'vitest';
import { Book_Status } from '#proto/es/rentalbook/book/v1/book_pb.ts';
import { Mypage_Status } from '#proto/es/rentalbook/mypage/v1/mypage_pb.ts';
import { Rental_Status } from '#proto/es/rentalbook/rental/v1/rental_pb.ts';
import { Reserve_Status } from '#proto/es/rentalbook/system/v1/system_pb.ts';
import type { StatusWord } from '../../ui/status.tsx';
import { stepsOf, wordOfBook, wordOfRental, wordOfReserve, wordOfView } from './statuses.ts';

function namesOf<S extends number>(statuses: Readonly<Record<string, string | S>>, wordOf: (status: S) => StatusWord): string[] {
  return Object.values(statuses).flatMap((status) => (typeof status === 'number' ? [wordOf(status).name] : []));
}

describe('a status', () => {
  it.each([
    ['a book', namesOf(Book_Status, wordOfBook)],
    ['the view', namesOf(Mypage_Status, wordOfView)],
    ['a rental', namesOf(Rental_Status, wordOfRental)],
    ['a reserve', namesOf(Reserve_Status, wordOfReserve)],
  ])('of %s has words of its own', (_, names) => {
    expect(names.length).toBeGreaterThan(3);
    expect(new Set(names).size).toBe(names.length);
  });

  it('that is newer than the page is not known yet', () => {
    const newer: Mypage_Status = JSON.parse('99');
    expect(wordOfView(newer).name).toBe('Not known yet');
  });
});

describe('the steps of a reserve', () => {
  it.each([
    [Mypage_Status.BOOKING, ['done']],
    [Mypage_Status.START_RENTAL, ['done', 'now']],
    [Mypage_Status.ON_RENTAL, ['done', 'done']],
    [Mypage_Status.RETURN_COMPLETE, ['done', 'done', 'done']],
    [Mypage_Status.CANCELLED, ['done', 'done']],
  ])('at status %s', (status, states) => {
    expect(stepsOf(status).map(({ state }) => state)).toEqual(states);
  });
});

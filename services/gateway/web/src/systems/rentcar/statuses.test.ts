import { describe, expect, it } from 'vitest';
import { Mypage_Status } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { Reservation_Status } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';
import { stepsOf, wordOfMypage, wordOfReservation } from './statuses.ts';

describe('a status', () => {
  it('has words of its own, whichever it is', () => {
    const ofMypage = Object.values(Mypage_Status).filter((each) => typeof each === 'number');
    const ofReservation = Object.values(Reservation_Status).filter((each) => typeof each === 'number');
    expect(new Set(ofMypage.map((status) => wordOfMypage(status).name)).size).toBe(ofMypage.length);
    expect(new Set(ofReservation.map((status) => wordOfReservation(status).name)).size).toBe(ofReservation.length);
  });

  it('that is newer than the page is not known yet', () => {
    const newer: Mypage_Status = JSON.parse('99');
    expect(wordOfMypage(newer).name).toBe('Not known yet');
  });
});

describe('the way of a reservation', () => {
  it.each([
    [Mypage_Status.RESERVED, ['done', 'now', 'ahead']],
    [Mypage_Status.ALLOCATED, ['done', 'done', 'ahead']],
    [Mypage_Status.COMPLETED, ['done', 'done', 'done']],
    [Mypage_Status.CANCELLED, ['done', 'done']],
  ])('at status %s', (status, states) => {
    expect(stepsOf(status).map(({ state }) => state)).toEqual(states);
  });
});

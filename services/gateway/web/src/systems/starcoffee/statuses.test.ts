import { describe, expect, it } from 'vitest';
import { Make_Status } from '#proto/es/starcoffee/make/v1/make_pb.ts';
import { Mypage_Status } from '#proto/es/starcoffee/mypage/v1/mypage_pb.ts';
import { Payment_Status } from '#proto/es/starcoffee/payment/v1/payment_pb.ts';
import { stepsOf, wordOfMake, wordOfMypage, wordOfPayment } from './statuses.ts';

/** The numbers of an enum, which also has its names as values. */
function numbersOf<T extends number>(statuses: Readonly<Record<string, string | T>>): T[] {
  return Object.values(statuses).filter((each): each is T => typeof each === 'number');
}

describe('a status', () => {
  it('has words of its own, whichever it is', () => {
    const names = [
      numbersOf<Mypage_Status>(Mypage_Status).map((status) => wordOfMypage(status).name),
      numbersOf<Payment_Status>(Payment_Status).map((status) => wordOfPayment(status).name),
      numbersOf<Make_Status>(Make_Status).map((status) => wordOfMake(status).name),
    ];
    for (const each of names) expect(new Set(each).size).toBe(each.length);
  });
});

describe('the steps of an order', () => {
  it.each([
    [Mypage_Status.REQUESTED, ['now', 'ahead', 'ahead']],
    [Mypage_Status.PAID, ['done', 'ahead', 'ahead']],
    [Mypage_Status.MAKING, ['done', 'now', 'ahead']],
    [Mypage_Status.MADE, ['done', 'done', 'done']],
    [Mypage_Status.CANCELLING, ['done', 'now', 'ahead']],
    [Mypage_Status.CANCELLED, ['done', 'done', 'now']],
    [Mypage_Status.REFUNDED, ['done', 'done']],
  ])('at status %s', (status, states) => {
    expect(stepsOf(status).map(({ state }) => state)).toEqual(states);
  });
});

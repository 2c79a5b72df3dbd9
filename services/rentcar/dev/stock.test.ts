import { describe, expect, it } from 'vitest';
import { countsOf, differences, type StockSnapshot } from './stock.ts';

const one = { reservationId: 'r1', carId: 'c1' };
const good: StockSnapshot = {
  cars: [{ carId: 'c1', carName: 'SONATA', qty: 9, initialQty: 10 }],
  holds: [one],
  reserved: [one],
  allocated: [one],
  shown: ['r1'],
  waiting: { car: 0 },
};

describe('the stock invariant', () => {
  it('holds where every hold is one reservation with one allocation and one view', () => {
    expect(differences(good)).toEqual([]);
    expect(countsOf(good)).toEqual([{ car: good.cars[0], counts: [10, 9, 1, 1, 1, 1] }]);
  });

  it.each<[string, Partial<StockSnapshot>, string]>([
    [
      'stock that is neither there nor held',
      { cars: [{ carId: 'c1', carName: 'SONATA', qty: 8, initialQty: 10 }] },
      'initial stock 10, but 8 in stock and 1 held',
    ],
    [
      'a hold without a reservation',
      { reserved: [], allocated: [], shown: [] },
      'reservation r1 of car c1: 0 RESERVED, 1 held, 0 ALLOCATED, 0 in mypage',
    ],
    [
      'a reservation without a hold',
      { holds: [], cars: [{ carId: 'c1', carName: 'SONATA', qty: 10, initialQty: 10 }] },
      'reservation r1 of car c1: 1 RESERVED, 0 held',
    ],
    ['a hold of another car', { holds: [{ reservationId: 'r1', carId: 'c2' }] }, 'reservation r1 of car c2: 0 RESERVED, 1 held'],
    [
      'an allocation of another car',
      { allocated: [{ reservationId: 'r1', carId: 'c2' }] },
      'reservation r1 of car c1: 1 RESERVED, 1 held, 0 ALLOCATED',
    ],
    ['a reservation without an allocation', { allocated: [] }, '1 RESERVED, 1 held, 0 ALLOCATED, 1 in mypage'],
    ['a reservation that is allocated twice', { allocated: [one, one] }, '1 RESERVED, 1 held, 2 ALLOCATED, 1 in mypage'],
    ['a view that is missing', { shown: [] }, '1 ALLOCATED, 0 in mypage'],
    [
      'an allocation of a cancelled reservation',
      { allocated: [one, { reservationId: 'r2', carId: 'c1' }] },
      'reservation r2 of car c1: 0 RESERVED, 0 held, 1 ALLOCATED, 0 in mypage',
    ],
    ['a view of a cancelled reservation', { shown: ['r1', 'r2'] }, 'reservation r2 of car -: 0 RESERVED, 0 held, 0 ALLOCATED, 1 in mypage'],
    ['events that are still in an outbox', { waiting: { car: 2 } }, 'events of 2 transactions of car are not sent yet'],
  ])('does not hold with %s', (_, change, sentence) => {
    expect(differences({ ...good, ...change }).join('\n')).toContain(sentence);
  });
});

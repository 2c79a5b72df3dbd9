import { describe, expect, it } from 'vitest';
import { differences, type StockSnapshot, stockLines } from './stock.ts';

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
    expect(stockLines(good)).toEqual([
      { carName: 'SONATA', carId: 'c1', initial: 10, qty: 9, holds: 1, reserved: 1, allocated: 1, shown: 1 },
    ]);
  });

  it.each<[string, Partial<StockSnapshot>, string]>([
    [
      'stock that is neither there nor held',
      { cars: [{ carId: 'c1', carName: 'SONATA', qty: 8, initialQty: 10 }] },
      'initial stock 10, but 8 in stock and 1 held',
    ],
    ['a hold without a reservation', { reserved: [], allocated: [], shown: [] }, 'stock is held for reservation r1, which is not RESERVED'],
    [
      'a reservation without a hold',
      { holds: [], cars: [{ carId: 'c1', carName: 'SONATA', qty: 10, initialQty: 10 }] },
      'no stock of its car is held',
    ],
    ['a hold of another car', { holds: [{ reservationId: 'r1', carId: 'c2' }] }, 'no stock of its car is held'],
    ['a reservation without an allocation', { allocated: [] }, 'has 0 allocations'],
    ['a reservation that is allocated twice', { allocated: [one, one] }, 'has 2 allocations'],
    ['a view that is missing', { shown: [] }, '0 rows of mypage'],
    ['an allocation of a cancelled reservation', { allocated: [one, { reservationId: 'r2', carId: 'c1' }] }, 'allocated to reservation r2'],
    ['a view of a cancelled reservation', { shown: ['r1', 'r2'] }, 'mypage shows reservation r2'],
    ['events that are still in an outbox', { waiting: { car: 2 } }, '2 events of car are not sent yet'],
  ])('does not hold with %s', (_, change, sentence) => {
    expect(differences({ ...good, ...change }).join('\n')).toContain(sentence);
  });
});

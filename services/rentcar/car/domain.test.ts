import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Car, giveBack, register, take } from './domain.ts';

const sonata = (qty: number): Car => register('car', { carName: 'SONATA', qty }).state;

describe('the stock of a car', () => {
  it('is the initial quantity less what is taken, and never negative', () => {
    fc.assert(
      fc.property(fc.nat({ max: 3 }), fc.array(fc.boolean()), (qty, takes) => {
        let car = sonata(qty);
        let taken = 0;
        for (const isTake of takes) {
          if (!isTake && taken === 0) continue;
          const decision = isTake ? take(car) : giveBack(car);
          if (decision === undefined || typeof decision === 'string') {
            expect([decision, taken]).toEqual(['OUT_OF_STOCK', qty]);
            continue;
          }
          car = decision.state;
          taken += isTake ? 1 : -1;
          expect(car).toEqual({ ...sonata(qty), qty: qty - taken });
        }
      }),
    );
  });

  it('is not taken of a car that does not exist', () => {
    expect(take(undefined)).toBe('CAR_NOT_FOUND');
  });
});

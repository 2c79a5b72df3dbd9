import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Car, type Hold, register, release, type Stock, take } from './domain.ts';

const sonata = (qty: number): Car => ({ ...register('car', { carName: 'SONATA', qty }).state, version: 1 });

const RULES = { take, release } as const;

const deliveries = fc.array(fc.record({ rule: fc.constantFrom('take', 'release'), reservation: fc.integer({ min: 0, max: 5 }) }), {
  maxLength: 60,
});

/** Delivers commands in the given order to one car, as the store does: a refusal changes nothing. */
function deliver(qty: number, commands: readonly { rule: 'take' | 'release'; reservation: number }[]) {
  let car = sonata(qty);
  const holds = new Map<number, Hold>();
  const answers: (Stock | string)[] = [];
  for (const { rule, reservation } of commands) {
    const result = RULES[rule]({ car, hold: holds.get(reservation) });
    answers.push(result);
    if (typeof result === 'string') continue;
    car = result.car;
    if (result.hold !== undefined) holds.set(reservation, result.hold);
  }
  const live = [...holds.values()].filter((hold) => hold.state !== 'RELEASED').length;
  return { car, holds, live, answers };
}

describe('stock of one car', () => {
  it('is the initial quantity less the live holds after any deliveries, and never negative', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), deliveries, (qty, commands) => {
        const { car, live } = deliver(qty, commands);
        expect(car.qty + live).toBe(qty);
        expect(car.qty).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('comes out the same when every delivery arrives twice in a row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), deliveries, (qty, commands) => {
        const twice = deliver(
          qty,
          commands.flatMap((command) => [command, command]),
        );
        const once = deliver(qty, commands);
        expect(twice.car).toEqual(once.car);
        expect(twice.holds).toEqual(once.holds);
      }),
    );
  });

  it('is not taken for a reservation id after its release, whichever came first', () => {
    fc.assert(
      fc.property(deliveries, (commands) => {
        const { holds } = deliver(3, [...commands, { rule: 'release', reservation: 0 }, ...commands]);
        expect(holds.get(0)?.state).toBe('RELEASED');
      }),
    );
  });

  it('changes its version exactly when its quantity changes', () => {
    fc.assert(
      fc.property(deliveries, (commands) => {
        const { car, answers } = deliver(2, commands);
        const quantities = answers.flatMap((answer) => (typeof answer === 'string' ? [] : [answer.car.qty]));
        const changes = quantities.filter((qty, i) => qty !== (quantities[i - 1] ?? 2)).length;
        expect(car.version).toBe(1 + changes);
      }),
    );
  });
});

describe('take', () => {
  const car = sonata(1);

  it('refuses when nothing is left', () => {
    expect(take({ car: { ...car, qty: 0 }, hold: undefined })).toBe('OUT_OF_STOCK');
  });

  it('refuses a reservation id that was released before', () => {
    expect(take({ car, hold: { carId: 'car', state: 'RELEASED' } })).toBe('HOLD_RELEASED');
  });

  it('refuses a reservation id that holds another car', () => {
    expect(take({ car, hold: { carId: 'other', state: 'TAKEN' } })).toBe('HOLD_OF_OTHER_CAR');
  });
});

describe('release', () => {
  it('does not give one car the stock of another', () => {
    const stock: Stock = { car: sonata(1), hold: { carId: 'other', state: 'CONFIRMED' } };
    expect(release(stock)).toBe(stock);
  });
});

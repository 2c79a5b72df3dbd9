import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accept, cancel, complete, type Reservation, reject, sameWish, type Wish } from './domain.ts';

const wish: Wish = { carId: 'car', userId: 'AAA', userName: 'Anna', reservedDate: '2026-12-24' };
const rules = fc.array(fc.constantFrom(cancel, complete), { maxLength: 12 });

function apply(start: Reservation, steps: readonly (typeof cancel | typeof complete)[]): Reservation[] {
  const states = [start];
  for (const step of steps) {
    const current = states.at(-1) ?? start;
    const next = step(current);
    states.push(typeof next === 'string' ? current : next);
  }
  return states;
}

describe('a reservation', () => {
  it('raises its version exactly when its status changes', () => {
    fc.assert(
      fc.property(rules, (steps) => {
        const states = apply(accept('id', wish, 'SONATA'), steps);
        states.slice(1).forEach((state, i) => {
          const before = states[i];
          expect(state.version - (before?.version ?? 0)).toBe(state.status === before?.status ? 0 : 1);
        });
      }),
    );
  });

  it('stays completed once its use is completed', () => {
    fc.assert(
      fc.property(rules, (steps) => {
        expect(apply(accept('id', wish, 'SONATA'), [...steps, complete, ...steps]).at(-1)?.status).toBe('COMPLETED');
      }),
    );
  });

  it('stays rejected whatever comes later', () => {
    fc.assert(
      fc.property(rules, (steps) => {
        const rejected = reject('id', wish);
        expect(apply(rejected, steps).at(-1)).toBe(rejected);
      }),
    );
  });

  it('keeps only what was asked for', () => {
    const request = { ...wish, idempotencyKey: 'not part of it' };
    expect(Object.keys(accept('id', request, 'SONATA')).sort()).toEqual(
      ['carId', 'carName', 'reservationId', 'reservedDate', 'status', 'userId', 'userName', 'version'].sort(),
    );
  });
});

describe('cancel', () => {
  it('changes nothing the second time', () => {
    const cancelled = { ...accept('id', wish, 'SONATA'), status: 'CANCELLED' } as const;
    expect(cancel(cancelled)).toBe(cancelled);
  });

  it('refuses what is completed or rejected', () => {
    expect(cancel({ ...accept('id', wish, 'SONATA'), status: 'COMPLETED' })).toBe('NOT_CANCELLABLE');
    expect(cancel(reject('id', wish))).toBe('NOT_CANCELLABLE');
  });
});

describe('sameWish', () => {
  it('sees every field', () => {
    expect(sameWish(wish, { ...wish })).toBe(true);
    for (const field of ['carId', 'userId', 'userName', 'reservedDate'] as const) {
      expect(sameWish(wish, { ...wish, [field]: 'other' })).toBe(false);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accept, cancel, complete, type Reservation, type ReservationRequest, reject, sameRequest } from './domain.ts';

const request: ReservationRequest = { carId: 'car', userId: 'AAA', userName: 'Anna', reservedDate: '2026-12-24' };
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
        const states = apply(accept('id', request, 'SONATA'), steps);
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
        expect(apply(accept('id', request, 'SONATA'), [...steps, complete, ...steps]).at(-1)?.status).toBe('COMPLETED');
      }),
    );
  });

  it('stays rejected whatever comes later', () => {
    fc.assert(
      fc.property(rules, (steps) => {
        const rejected = reject('id', request);
        expect(apply(rejected, steps).at(-1)).toBe(rejected);
      }),
    );
  });

  it('keeps only what was asked for', () => {
    const withMore = { ...request, idempotencyKey: 'not part of it' };
    expect(Object.keys(accept('id', withMore, 'SONATA')).sort()).toEqual(
      ['carId', 'carName', 'reservationId', 'reservedDate', 'status', 'userId', 'userName', 'version'].sort(),
    );
  });
});

describe('cancel', () => {
  it('changes nothing the second time', () => {
    const cancelled = { ...accept('id', request, 'SONATA'), status: 'CANCELLED' } as const;
    expect(cancel(cancelled)).toBe(cancelled);
  });

  it('refuses what is completed or rejected', () => {
    expect(cancel({ ...accept('id', request, 'SONATA'), status: 'COMPLETED' })).toBe('NOT_CANCELLABLE');
    expect(cancel(reject('id', request))).toBe('NOT_CANCELLABLE');
  });
});

describe('sameRequest', () => {
  it('sees every field', () => {
    expect(sameRequest(request, { ...request })).toBe(true);
    for (const field of ['carId', 'userId', 'userName', 'reservedDate'] as const) {
      expect(sameRequest(request, { ...request, [field]: 'other' })).toBe(false);
    }
  });
});

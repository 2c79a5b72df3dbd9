import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accept, cancel, complete, type Reservation, type ReservationRequest, reject, tombstone } from './domain.ts';

const request: ReservationRequest = { carId: 'car', userId: 'AAA', userName: 'Anna', reservedDate: '2026-12-24' };
const accepted = accept('id', request, 'SONATA').state;
const rejected = reject('id', request);
const rules = fc.array(fc.constantFrom(cancel, complete), { maxLength: 12 });

/** Applies rules one after the other. Returns all states and events. */
function apply(start: Reservation, steps: readonly (typeof cancel | typeof complete)[]) {
  const states = [start];
  const events: unknown[] = [];
  for (const step of steps) {
    const current = states.at(-1) ?? start;
    const decision = step(current);
    if (typeof decision === 'object') events.push(...decision.events);
    states.push(typeof decision === 'object' ? decision.state : current);
  }
  return { last: states.at(-1), events };
}

describe('a reservation', () => {
  it('is cancelled at most once', () => {
    fc.assert(
      fc.property(rules, (steps) => {
        expect(apply(accepted, steps).events.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('stays completed once its use is completed', () => {
    fc.assert(
      fc.property(rules, (steps) => {
        expect(apply(accepted, [...steps, complete, ...steps]).last?.status).toBe('COMPLETED');
      }),
    );
  });

  it('stays rejected whatever comes later', () => {
    fc.assert(
      fc.property(rules, (steps) => {
        expect(apply(rejected, steps)).toEqual({ last: rejected, events: [] });
      }),
    );
  });

  it('keeps only what was asked for', () => {
    const withMore = { ...request, idempotencyKey: 'not part of it' };
    expect(Object.keys(accept('id', withMore, 'SONATA').state).sort()).toEqual(
      ['carId', 'carName', 'reservationId', 'reservedDate', 'status', 'userId', 'userName'].sort(),
    );
  });
});

describe('cancel', () => {
  it('publishes the cancellation, and changes nothing the second time', () => {
    const decision = cancel(accepted);
    expect(decision).toMatchObject({ state: { status: 'CANCELLED' }, events: ['ReservationCancelled'] });
    expect(cancel({ ...accepted, status: 'CANCELLED' })).toBeUndefined();
  });

  it('refuses what is completed or rejected', () => {
    expect(cancel({ ...accepted, status: 'COMPLETED' })).toBe('NOT_CANCELLABLE');
    expect(cancel(rejected)).toBe('NOT_CANCELLABLE');
  });
});

describe('a tombstone', () => {
  it('is rejected, and names the car that is held', () => {
    expect(tombstone({ reservationId: 'id', carId: 'held' })).toMatchObject({ reservationId: 'id', carId: 'held', status: 'REJECTED' });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accept, cancel, confirm, type Reservation, reject, type TicketRequest, tombstone } from './domain.ts';

const request: TicketRequest = { userId: 'anna', cinemaNo: 'AVATOR', time: '10:00', price: 12_000 };
const details = { reservationId: 'id', ...request };
const requested = accept('id', request).state;

/** What can happen to a reservation id, in any order and number. */
const STEPS = {
  store: (row: Reservation | undefined) => (row === undefined ? accept('id', request) : undefined),
  reject: (row: Reservation | undefined) => (row === undefined ? { state: reject('id', request), events: [] } : undefined),
  confirm: (row: Reservation | undefined) => confirm(row, details),
  cancel: (row: Reservation | undefined) => row && cancel(row),
};
const steps = fc.array(fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[])), { maxLength: 12 });

/** Applies steps one after the other. Returns the last state and all events. */
function apply(names: readonly (keyof typeof STEPS)[]) {
  let row: Reservation | undefined;
  const events: unknown[] = [];
  for (const name of names) {
    const decision = STEPS[name](row);
    if (typeof decision !== 'object') continue;
    row = decision.state;
    events.push(...decision.events);
  }
  return { row, events };
}

describe('a reservation', () => {
  it('publishes each event at most once, and its request first', () => {
    fc.assert(
      fc.property(steps, (names) => {
        const { events } = apply(names);
        expect(new Set(events).size).toBe(events.length);
        if (events.length > 0) expect(events[0]).toBe('TicketRequested');
      }),
    );
  });

  it('stays cancelled or rejected whatever comes later', () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const { row } = apply(before);
        if (row?.status === 'CANCELLED' || row?.status === 'REJECTED') expect(apply([...before, ...after]).row).toEqual(row);
      }),
    );
  });

  it('is reserved by the cinema, whether it is stored before or after', () => {
    expect(apply(['store', 'confirm'])).toEqual(apply(['confirm', 'store']));
    expect(apply(['store', 'confirm']).row).toEqual({ ...requested, status: 'RESERVED' });
  });

  it('keeps only what was asked for', () => {
    const withMore = { ...request, idempotencyKey: 'not part of it' };
    expect(accept('id', withMore).state).toEqual({ ...details, status: 'REQUESTED' });
  });
});

describe('cancel', () => {
  it('publishes the cancellation, also before the cinema has accepted, and changes nothing the second time', () => {
    for (const status of ['REQUESTED', 'RESERVED'] as const) {
      expect(cancel({ ...requested, status })).toEqual({ state: { ...requested, status: 'CANCELLED' }, events: ['ReservationCancelled'] });
    }
    expect(cancel({ ...requested, status: 'CANCELLED' })).toBeUndefined();
  });

  it('refuses what was rejected', () => {
    expect(cancel(tombstone({ reservationId: 'id' }))).toBe('NOT_CANCELLABLE');
  });
});

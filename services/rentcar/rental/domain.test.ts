import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, cancel, complete, type Rental, type Reserved } from './domain.ts';

const reserved: Reserved = { reservationId: 'reservation', carId: 'car', userId: 'AAA' };

const STEPS = {
  allocate: (rental: Rental | undefined) => allocate(rental, reserved, 'rental'),
  cancel: (rental: Rental | undefined) => cancel(rental, reserved, 'rental'),
  complete: (rental: Rental | undefined) => rental && complete(rental),
} as const;

const steps = fc.array(fc.constantFrom('allocate', 'cancel', 'complete'), { maxLength: 12 });

/** Applies rules one after the other. Returns the states and all events. */
function run(names: readonly (keyof typeof STEPS)[]) {
  const states: (Rental | undefined)[] = [undefined];
  const events: string[] = [];
  for (const name of names) {
    const decision = STEPS[name](states.at(-1));
    if (typeof decision === 'object') events.push(...decision.events);
    states.push(typeof decision === 'object' ? decision.state : states.at(-1));
  }
  return { states, events };
}

describe('a rental', () => {
  it('never leaves CANCELLED or COMPLETED', () => {
    fc.assert(
      fc.property(steps, (names) => {
        const statuses = run(names).states.map((rental) => rental?.status);
        const end = statuses.findIndex((status) => status === 'CANCELLED' || status === 'COMPLETED');
        if (end >= 0) expect(new Set(statuses.slice(end)).size).toBe(1);
      }),
    );
  });

  it('is allocated at most once, and gives its car back at most once', () => {
    fc.assert(
      fc.property(steps, (names) => {
        const { events } = run(names);
        expect(events.filter((event) => event === 'CarAllocated').length).toBeLessThanOrEqual(1);
        expect(events.filter((event) => event !== 'CarAllocated').length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is not allocated when its cancellation arrived first', () => {
    expect(run(['cancel', 'allocate']).states.at(-1)?.status).toBe('CANCELLED');
  });

  it('keeps its completed use when a cancellation comes later', () => {
    expect(run(['allocate', 'complete', 'cancel']).states.at(-1)?.status).toBe('COMPLETED');
  });

  it('cannot be completed when it was cancelled', () => {
    expect(complete({ ...reserved, rentalId: 'rental', status: 'CANCELLED' })).toBe('NOT_ALLOCATED');
  });
});

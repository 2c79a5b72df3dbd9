import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, cancel, complete, type Rental, type Reserved } from './domain.ts';

const reserved: Reserved = { reservationId: 'reservation', carId: 'car', userId: 'AAA' };

const STEPS = {
  allocate: (rental: Rental | undefined) => allocate(rental, reserved, 'rental'),
  cancel: (rental: Rental | undefined) => cancel(rental, reserved, 'rental'),
  complete: (rental: Rental | undefined) => {
    const result = rental && complete(rental);
    return typeof result === 'object' ? result : rental;
  },
} as const;

const steps = fc.array(fc.constantFrom('allocate', 'cancel', 'complete'), { maxLength: 12 });

function run(names: readonly (keyof typeof STEPS)[]): (Rental | undefined)[] {
  const states: (Rental | undefined)[] = [undefined];
  for (const name of names) states.push(STEPS[name](states.at(-1)));
  return states;
}

describe('a rental', () => {
  it('never leaves CANCELLED or COMPLETED', () => {
    fc.assert(
      fc.property(steps, (names) => {
        const statuses = run(names).map((rental) => rental?.status);
        const end = statuses.findIndex((status) => status === 'CANCELLED' || status === 'COMPLETED');
        if (end >= 0) expect(new Set(statuses.slice(end)).size).toBe(1);
      }),
    );
  });

  it('releases its stock at most once: one step at most ends it', () => {
    fc.assert(
      fc.property(steps, (names) => {
        const states = run(names);
        const ends = states.filter((rental, i) => rental !== states[i - 1] && rental !== undefined && rental.status !== 'ALLOCATED');
        expect(ends.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is not allocated when its cancellation arrived first', () => {
    expect(run(['cancel', 'allocate']).at(-1)?.status).toBe('CANCELLED');
  });

  it('keeps its completed use when a cancellation comes later', () => {
    expect(run(['allocate', 'complete', 'cancel']).at(-1)?.status).toBe('COMPLETED');
  });

  it('cannot be completed when it was cancelled', () => {
    expect(complete(cancel(undefined, reserved, 'rental'))).toBe('NOT_ALLOCATED');
  });
});

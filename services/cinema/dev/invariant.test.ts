import { describe, expect, it } from 'vitest';
import { disagreements } from '../../../dev/checks/agreement.ts';
import { tickets } from './invariant.ts';

/** Statuses of one reservation by service, or none. */
function snapshot(reservation?: string, payment?: string, cinema?: string, information?: string) {
  const services = Object.entries({ reservation, payment, cinema, information });
  const statuses = services.map(([service, status]) => [service, new Map(status === undefined ? [] : [['r1', status]])]);
  return { statuses: Object.fromEntries(statuses), waiting: {} };
}

describe('the invariant of tickets', () => {
  it.each([
    ['a reserved ticket', snapshot('RESERVED', 'COMPLETED', 'RESERVED', 'RESERVED')],
    ['a cancelled ticket', snapshot('CANCELLED', 'REFUNDED', 'CANCELLED', 'REFUNDED')],
    ['a rejected reservation that was never paid', snapshot('REJECTED')],
    ['a rejected reservation that was paid', snapshot('REJECTED', 'REFUNDED', 'CANCELLED', 'REFUNDED')],
  ])('holds for %s', (_, found) => {
    expect(disagreements(tickets, found)).toEqual([]);
  });

  it.each([
    ['a payment without a reservation', snapshot(undefined, 'COMPLETED', 'RESERVED', 'PAID')],
    ['a reserved ticket without a payment', snapshot('RESERVED', undefined, 'RESERVED', 'RESERVED')],
    ['a reserved ticket that is refunded', snapshot('RESERVED', 'REFUNDED', 'RESERVED', 'RESERVED')],
    ['a reserved ticket without a booking', snapshot('RESERVED', 'COMPLETED', undefined, 'RESERVED')],
    ['a cancelled ticket that is paid', snapshot('CANCELLED', 'COMPLETED', 'CANCELLED', 'CANCELLED')],
    ['a cancelled ticket with a booking', snapshot('CANCELLED', 'REFUNDED', 'RESERVED', 'REFUNDED')],
    ['a rejected reservation that is paid', snapshot('REJECTED', 'COMPLETED')],
    ['a reservation that waits for the cinema', snapshot('REQUESTED', 'COMPLETED', undefined, 'PAID')],
    ['a view that is behind', snapshot('CANCELLED', 'REFUNDED', 'CANCELLED', 'CANCELLED')],
  ])('does not hold with %s', (_, found) => {
    expect(disagreements(tickets, found)).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { differences, type OfReservation, type TicketsSnapshot, ticketLines } from './tickets.ts';

/** A database's row of one reservation, or none. */
const row = (status: string | undefined): OfReservation[] => (status === undefined ? [] : [{ reservationId: 'r1', status }]);

function snapshot(reservation?: string, payment?: string, booking?: string, shown?: string, waiting = 0): TicketsSnapshot {
  return {
    reservations: row(reservation),
    payments: row(payment),
    bookings: row(booking),
    shown: new Map(shown === undefined ? [] : [['r1', shown]]),
    waiting: { payment: waiting },
  };
}

describe('the invariant of tickets', () => {
  it.each([
    ['a reserved ticket', snapshot('RESERVED', 'COMPLETED', 'RESERVED', 'RESERVED')],
    ['a cancelled ticket', snapshot('CANCELLED', 'REFUNDED', 'CANCELLED', 'REFUNDED')],
    ['a rejected reservation that was never paid', snapshot('REJECTED')],
    ['a rejected reservation that was paid', snapshot('REJECTED', 'REFUNDED', 'CANCELLED', 'REFUNDED')],
  ])('holds for %s', (_, found) => {
    expect(differences(found)).toEqual([]);
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
    ['events in an outbox', snapshot('RESERVED', 'COMPLETED', 'RESERVED', 'RESERVED', 1)],
  ])('does not hold with %s', (_, found) => {
    expect(differences(found)).toHaveLength(1);
  });

  it('shows what each service has', () => {
    expect(ticketLines(snapshot('RESERVED', 'COMPLETED'))).toEqual([
      { reservationId: 'r1', reservation: 'RESERVED', payment: 'COMPLETED', booking: '-', shown: '-' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { Booking_Status } from '#proto/es/cinema/cinema/v1/cinema_pb.ts';
import { Information_Status } from '#proto/es/cinema/information/v1/information_pb.ts';
import { Payment_Status } from '#proto/es/cinema/payment/v1/payment_pb.ts';
import { Reservation_Status } from '#proto/es/cinema/reservation/v1/reservation_pb.ts';
import type { StatusWord } from '../../ui/status.tsx';
import { stepsOf, wordOfBooking, wordOfInformation, wordOfPayment, wordOfReservation } from './statuses.ts';

function namesOf<S extends number>(statuses: Readonly<Record<string, string | S>>, wordOf: (status: S) => StatusWord): string[] {
  return Object.values(statuses).flatMap((status) => (typeof status === 'number' ? [wordOf(status).name] : []));
}

describe('a status', () => {
  it.each([
    ['the view', namesOf(Information_Status, wordOfInformation)],
    ['a reservation', namesOf(Reservation_Status, wordOfReservation)],
    ['a payment', namesOf(Payment_Status, wordOfPayment)],
    ['a booking', namesOf(Booking_Status, wordOfBooking)],
  ])('of %s has words of its own', (_, names) => {
    expect(names.length).toBeGreaterThan(2);
    expect(new Set(names).size).toBe(names.length);
  });

  it('that is newer than the page is not known yet', () => {
    const newer: Information_Status = JSON.parse('99');
    expect(wordOfInformation(newer).name).toBe('Not known yet');
  });
});

describe('the steps of a reservation', () => {
  it.each([
    [Information_Status.REQUESTED, ['done', 'now']],
    [Information_Status.PAID, ['done', 'now']],
    [Information_Status.RESERVED, ['done', 'done']],
    [Information_Status.CANCELLED, ['done', 'done', 'now']],
    [Information_Status.REFUNDED, ['done', 'done', 'done']],
  ])('at status %s', (status, states) => {
    expect(stepsOf(status).map(({ state }) => state)).toEqual(states);
  });
});

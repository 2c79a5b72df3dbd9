import { describe, expect, it } from 'vitest';
import { Information_Status } from '#proto/cinema/information/v1/information.ts';
import { informations } from './informations.ts';

const { REQUESTED, PAID, RESERVED, CANCELLED, REFUNDED } = Information_Status;

const statusOf = (event: string) => informations.events.find(({ type }) => type.$type.endsWith(`.${event}`))?.status ?? 0;

describe('the status of a view', () => {
  it.each<[string, string[], Information_Status]>([
    ['only the reservation was published', ['TicketRequested'], REQUESTED],
    ['the payment arrived before the reservation', ['PaymentCompleted', 'TicketRequested'], PAID],
    ['the cinema has accepted, the reservation not yet', ['TicketRequested', 'PaymentCompleted', 'BookingAccepted'], RESERVED],
    ['it is cancelled before the cinema accepts', ['ReservationCancelled', 'PaymentCompleted', 'BookingAccepted'], CANCELLED],
    ['the refund arrives before the rest', ['PaymentRefunded', 'TicketReserved', 'ReservationCancelled'], REFUNDED],
  ])('is the greatest of its events when %s', (_, events, status) => {
    expect(Math.max(...events.map(statusOf))).toBe(status);
  });
});

describe('a view', () => {
  it('has the history of its states', () => {
    const [paid, requested] = [new Date(1), new Date(2)];
    const details = { userId: 'anna', cinemaNo: 'AVATOR', time: '10:00', price: 1 };
    const states = [
      { status: REQUESTED, time: requested },
      { status: PAID, time: paid },
    ];
    const row = { key: 'id', status: PAID, details, updateTime: requested, times: new Map(), states, progress: [1, 1, 0, 2] };
    expect(informations.toView(row)).toEqual({ reservationId: 'id', ...details, status: PAID, history: states, updateTime: requested });
  });
});

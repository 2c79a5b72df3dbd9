import { beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure.ts';
import { edge } from '../support/instance.ts';
import { NO_ID, patiently, unique } from '../support/patiently.ts';
import { get } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import {
  becomes,
  CANCELLED,
  cancel,
  informationOf,
  type OfTicket,
  RESERVED,
  reservationsOf,
  reserve,
  ticketOf,
  tryReserve,
} from './support.ts';

beforeAll(() => runSystem('cinema'));

describe('a ticket', () => {
  it('is paid, accepted and reserved, and each service shows it with all its details', async () => {
    const ticket = ticketOf({ cinemaNo: unique('FILM') });
    const { reservationId } = await reserve(ticket);
    await becomes(reservationId, RESERVED);
    const { payments } = await get<{ payments: (OfTicket & { paymentId: string })[] }>('/cinema/payments', { reservationId });
    const { bookings } = await get<{ bookings: (OfTicket & { bookingId: string })[] }>('/cinema/bookings', { cinemaNo: ticket.cinemaNo });
    expect(payments).toMatchObject([{ ...ticket, reservationId }]);
    expect(bookings).toMatchObject([{ ...ticket, reservationId }]);
    expect(await get(`/cinema/payments/${payments[0]?.paymentId}`)).toEqual(payments[0]);
    expect(await get(`/cinema/bookings/${bookings[0]?.bookingId}`)).toEqual(bookings[0]);
    expect(await get('/cinema/informations', { userId: ticket.userId })).toMatchObject({ informations: [{ ...ticket, reservationId }] });
    expect(await get('/cinema/reservations', { cinemaNo: ticket.cinemaNo, status: 'RESERVED' })).toMatchObject({
      reservations: [{ ...ticket, reservationId }],
    });
  });

  it('is cancelled, refunded and not booked any more, and its history tells all that', async () => {
    const { reservationId } = await reserve();
    await becomes(reservationId, RESERVED);
    expect(await cancel(reservationId)).toMatchObject({ reservationId, status: 'CANCELLED' });
    await becomes(reservationId, CANCELLED);
    expect(await cancel(reservationId)).toMatchObject({ status: 'CANCELLED' });
    const { history } = await informationOf(reservationId);
    expect(history.map(({ status }) => status)).toEqual(['REQUESTED', 'PAID', 'RESERVED', 'CANCELLED', 'REFUNDED']);
    const times = history.map(({ time }) => Date.parse(time));
    const [requested = 0, paid = 0, reserved = 0, cancelled = 0, refunded = 0] = times;
    expect(paid).toBeLessThanOrEqual(requested);
    expect(reserved).toBeLessThanOrEqual(cancelled);
    expect(cancelled).toBeLessThanOrEqual(refunded);
  });

  it('can be cancelled before the cinema has accepted it', async () => {
    const { reservationId } = await reserve();
    await cancel(reservationId);
    await becomes(reservationId, CANCELLED);
  });

  it('is reserved once per user and idempotency key', async () => {
    const [ticket, headers] = [ticketOf(), { 'idempotency-key': unique('key') }];
    const { reservationId } = await patiently(() => tryReserve(ticket, headers));
    expect(await patiently(() => tryReserve(ticket, headers))).toMatchObject({ ...ticket, reservationId });
    const failure = await failureOf(tryReserve({ ...ticket, price: 1 }, headers));
    expect(failure).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'IDEMPOTENCY_KEY_REUSED', metadata: { reservationId } });
    expect(await reservationsOf(ticket.userId)).toHaveLength(1);
  });

  it('over the limit of payment is declined, and nothing is stored', async () => {
    const ticket = ticketOf({ price: 1_000_001 });
    const failure = await failureOf(patiently(() => tryReserve(ticket)));
    expect(failure).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PAYMENT_DECLINED', domain: 'cinema.rentmesh' });
    expect(await reservationsOf(ticket.userId)).toEqual([]);
    expect((await reserve({ ...ticket, price: 1_000_000 })).price).toBe(1_000_000);
  });

  it.each([
    ['reservations', 'RESERVATION_NOT_FOUND'],
    ['payments', 'PAYMENT_NOT_FOUND'],
    ['bookings', 'BOOKING_NOT_FOUND'],
    ['informations', 'INFORMATION_NOT_FOUND'],
  ])('that is not there is NOT_FOUND in /cinema/%s', async (list, reason) => {
    expect(await failureOf(get(`/cinema/${list}/${NO_ID}`))).toMatchObject({ code: 'NOT_FOUND', reason, domain: 'cinema.rentmesh' });
  });
});

describe('the call between the services', () => {
  it('is not at the edge', async () => {
    const answer = await fetch(`${edge.url}/cinema.payment.v1.PaymentService/CompletePayment`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reservationId: NO_ID, ...ticketOf() }),
    });
    expect(answer.status).toBe(404);
    expect(await get('/cinema/payments', { reservationId: NO_ID })).toMatchObject({ payments: [] });
  });
});

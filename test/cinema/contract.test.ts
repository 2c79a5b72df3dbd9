import { beforeAll, describe, expect, it } from 'vitest';
import { ReservationServiceService } from '#proto/cinema/reservation/v1/reservation.ts';
import { expectInvalid, failureOf } from '../support/failure.ts';
import { channel, client } from '../support/grpc.ts';
import { edge } from '../support/instance.ts';
import { unique } from '../support/patiently.ts';
import { get } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { reservationsOf, type Ticket, ticketOf, tryReserve } from './support.ts';

beforeAll(() => runSystem('cinema'));

const LONG = 'x'.repeat(65);

describe('a reservation with a wrong field is INVALID_ARGUMENT, names the field, and is not stored', () => {
  it.each<[string, keyof Ticket, Partial<Ticket>]>([
    ['an empty userId', 'userId', { userId: '' }],
    ['a long userId', 'userId', { userId: 'x'.repeat(101) }],
    ['an empty cinemaNo', 'cinemaNo', { cinemaNo: '' }],
    ['a long cinemaNo', 'cinemaNo', { cinemaNo: LONG }],
    ['a cinemaNo with U+0000', 'cinemaNo', { cinemaNo: 'a\0b' }],
    ['an empty time', 'time', { time: '' }],
    ['a long time', 'time', { time: LONG }],
    ['a price below zero', 'price', { price: -1 }],
    ['a price over a thousand million', 'price', { price: 1_000_000_001 }],
  ])('%s', async (_, field, wrong) => {
    const ticket = ticketOf(wrong);
    const byGrpc = failureOf(client(channel(edge.address), ReservationServiceService).reserveTicket(ticket));
    const byConnect = fetch(`${edge.url}/cinema.reservation.v1.ReservationService/ReserveTicket`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ticket),
    });
    expectInvalid(await failureOf(tryReserve(ticket)), field);
    expectInvalid(await byGrpc, field);
    const answer = await byConnect;
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining(field) });
    if (field !== 'userId') expect(await reservationsOf(ticket.userId)).toEqual([]);
  });
});

describe('a list with a wrong field is INVALID_ARGUMENT, and names the field', () => {
  it.each([
    ['/cinema/reservations', 'pageSize', { page_size: 101 }],
    ['/cinema/reservations', 'cinemaNo', { cinema_no: LONG }],
    ['/cinema/payments', 'reservationId', { reservation_id: '1' }],
    ['/cinema/payments', 'pageToken', { page_token: 'x'.repeat(201) }],
    ['/cinema/bookings', 'reservationId', { reservation_id: '1' }],
    ['/cinema/bookings', 'cinemaNo', { cinema_no: LONG }],
    ['/cinema/informations', 'userId', { user_id: 'x'.repeat(101) }],
    ['/cinema/reservations/1', 'reservationId', {}],
    ['/cinema/payments/1', 'paymentId', {}],
    ['/cinema/bookings/1', 'bookingId', {}],
    ['/cinema/informations/1', 'reservationId', {}],
  ])('%s: %s', async (path, field, query) => {
    expectInvalid(await failureOf(get(path, query)), field);
  });
});

describe('the longest values', () => {
  it('are taken and given back', async () => {
    const ticket = ticketOf({ userId: unique('u').padEnd(100, 'x'), cinemaNo: 'ä'.repeat(64), time: '~'.repeat(64), price: 0 });
    expect(await tryReserve(ticket)).toMatchObject(ticket);
    expect(await reservationsOf(ticket.userId)).toMatchObject([ticket]);
  });
});

import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { Store } from '#kit/postgres/store.ts';
import type { Client } from '#kit/rpc/client.ts';
import { failedPrecondition, unavailable } from '#kit/rpc/errors.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { BookingAccepted } from '#proto/cinema/cinema/v1/events.ts';
import { PaymentsUnconfirmed } from '#proto/cinema/payment/v1/events.ts';
import type { PaymentServiceService } from '#proto/cinema/payment/v1/payment.ts';
import { PaymentReleaseRequested, ReservationCancelled, TicketRequested, TicketReserved } from '#proto/cinema/reservation/v1/events.ts';
import { ListReservationsRequest, Reservation_Status } from '#proto/cinema/reservation/v1/reservation.ts';
import { reservationHandlers } from './handlers.ts';
import { reserving } from './reserve.ts';
import { reservationService } from './service.ts';
import { reservationTable } from './store.ts';

const ticket = { cinemaNo: 'AVATOR', time: '10:00', price: 12_000 };

/** `pay`: what payment answers to CompletePayment. */
function setUp(pay: (request: { reservationId: string }) => Promise<{ paymentId: string }> = async () => ({ paymentId: randomUUID() })) {
  const database = new MemoryDatabase([reservationTable]);
  const reservations = new Store(database, reservationTable);
  // Reserving calls no other method.
  const reserve = reserving(reservations, { completePayment: pay } as unknown as Client<typeof PaymentServiceService>);
  const service = reservationService(reservations, reserve);
  const handlers = reservationHandlers(reservations, reserve);
  const reserveTicket = async (userId = 'anna', idempotencyKey: string = randomUUID()) => {
    const request = { userId, ...ticket };
    const { reservation } = await service.reserveTicket(request, callContext({ idempotencyKey, actingUser: userId }));
    if (reservation === undefined) throw new Error('no reservation was answered');
    return reservation;
  };
  const all = async () => (await service.listReservations(ListReservationsRequest.fromPartial({}), callContext())).reservations;
  const statusOf = async (reservationId: string) => (await service.getReservation({ reservationId }, callContext())).reservation?.status;
  const accept = (reservationId: string) =>
    database.deliver(handlers, BookingAccepted, BookingAccepted.fromPartial({ reservationId, userId: 'anna', ...ticket, version: 1 }));
  return { database, service, handlers, reserveTicket, all, statusOf, accept };
}

describe('reserving a ticket', () => {
  it('stores the reservation with its event, once per user and idempotency key', async () => {
    const { database, reserveTicket, all } = setUp();
    const reservation = await reserveTicket('anna', 'key');
    expect(reservation).toMatchObject({ userId: 'anna', ...ticket, status: Reservation_Status.REQUESTED });
    expect(await reserveTicket('anna', 'key')).toEqual(reservation);
    expect((await reserveTicket('ben', 'key')).reservationId).not.toBe(reservation.reservationId);
    expect(await all()).toHaveLength(2);
    expect(database.eventsOf(TicketRequested).map(({ userId }) => userId)).toEqual(['anna', 'ben']);
  });

  it('stores nothing when payment declines', async () => {
    const { database, reserveTicket, all } = setUp(() => Promise.reject(failedPrecondition('PAYMENT_DECLINED', 'too much')));
    await expect(reserveTicket()).rejects.toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'PAYMENT_DECLINED' });
    expect(await all()).toEqual([]);
    expect(database.events).toEqual([]);
  });

  it('asks for a refund when the outcome is unknown', async () => {
    const { database, reserveTicket, all, statusOf, accept } = setUp(() => Promise.reject(unavailable('TIMEOUT', 'timeout')));
    await expect(reserveTicket()).rejects.toMatchObject({ code: status.UNAVAILABLE, reason: 'PAYMENT_UNCHECKED' });
    const reservationId = (await all())[0]?.reservationId ?? '';
    expect(database.eventsOf(PaymentReleaseRequested)).toEqual([{ reservationId }]);
    await accept(reservationId);
    expect(await statusOf(reservationId)).toBe(Reservation_Status.REJECTED);
  });

  it('answers the reservation that the cinema accepted before it was stored', async () => {
    let accepted = async (_: string): Promise<void> => undefined;
    const { database, reserveTicket, all, accept } = setUp(async ({ reservationId }) => {
      await accepted(reservationId);
      return { paymentId: randomUUID() };
    });
    accepted = accept;
    const reservation = await reserveTicket();
    expect(reservation.status).toBe(Reservation_Status.RESERVED);
    expect(await all()).toEqual([reservation]);
    expect([database.eventsOf(TicketRequested), database.eventsOf(TicketReserved)].map(({ length }) => length)).toEqual([1, 1]);
  });
});

describe('a reservation', () => {
  it('is reserved by the cinema and cancelled once', async () => {
    const { database, service, reserveTicket, statusOf, accept } = setUp();
    const { reservationId } = await reserveTicket();
    for (let deliveries = 0; deliveries < 2; deliveries++) await accept(reservationId);
    expect(await statusOf(reservationId)).toBe(Reservation_Status.RESERVED);
    for (let calls = 0; calls < 2; calls++) {
      const { reservation } = await service.cancelReservation({ reservationId }, callContext());
      expect(reservation).toMatchObject({ reservationId, status: Reservation_Status.CANCELLED });
    }
    await accept(reservationId);
    expect(await statusOf(reservationId)).toBe(Reservation_Status.CANCELLED);
    expect([database.eventsOf(TicketReserved), database.eventsOf(ReservationCancelled)].map(({ length }) => length)).toEqual([1, 1]);
  });
});

describe('a payment that payment asks about', () => {
  it('is refunded if there is no reservation for it, and kept if there is one', async () => {
    const { database, service, handlers, reserveTicket, statusOf } = setUp();
    const { reservationId } = await reserveTicket();
    const unknown = randomUUID();
    await database.deliver(handlers, PaymentsUnconfirmed, { reservationIds: [reservationId, unknown] });
    expect(database.eventsOf(PaymentReleaseRequested)).toEqual([{ reservationId: unknown }]);
    expect(await statusOf(reservationId)).toBe(Reservation_Status.REQUESTED);
    await expect(service.cancelReservation({ reservationId: unknown }, callContext())).rejects.toMatchObject({ reason: 'NOT_CANCELLABLE' });
  });
});

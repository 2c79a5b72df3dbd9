import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { Store } from '#kit/postgres/store.ts';
import type { Client } from '#kit/rpc/client.ts';
import { failedPrecondition, unavailable } from '#kit/rpc/errors.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import type { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { HoldsUnconfirmed } from '#proto/rentcar/car/v1/events.ts';
import { UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { CarReserved, ReservationCancelled, StockReleaseRequested } from '#proto/rentcar/reservation/v1/events.ts';
import { ListReservationsRequest, Reservation_Status } from '#proto/rentcar/reservation/v1/reservation.ts';
import { reservationHandlers } from './handlers.ts';
import { reserving } from './reserve.ts';
import { reservationService } from './service.ts';
import { reservationTable } from './store.ts';

/** `check`: what car answers to CheckUpdateStock. */
function setUp(check: () => Promise<{ carName: string }> = async () => ({ carName: 'SONATA' })) {
  const database = new MemoryDatabase([reservationTable]);
  const reservations = new Store(database, reservationTable);
  // Reserving calls no other method.
  const reserve = reserving(reservations, { checkUpdateStock: check } as unknown as Client<typeof CarServiceService>);
  const service = reservationService(reservations, reserve);
  const handlers = reservationHandlers(reservations, reserve);
  const carId = randomUUID();
  const reserveCar = async (userId = 'anna', idempotencyKey: string = randomUUID()) => {
    const request = { carId, userId, userName: '', reservedDate: '' };
    const { reservation } = await service.reserveCar(request, callContext({ idempotencyKey, actingUser: userId }));
    if (reservation === undefined) throw new Error('no reservation was answered');
    return reservation;
  };
  const all = async () => (await service.listReservations(ListReservationsRequest.fromPartial({}), callContext())).reservations;
  const complete = (reservationId: string) => database.deliver(handlers, UseCompleted, UseCompleted.fromPartial({ reservationId, carId }));
  return { database, service, handlers, carId, reserveCar, all, complete };
}

describe('reserving a car', () => {
  it('stores the reservation with its event, once per user and idempotency key', async () => {
    const { database, carId, reserveCar, all } = setUp();
    const reservation = await reserveCar('anna', 'key');
    expect(reservation).toMatchObject({ carId, carName: 'SONATA', userId: 'anna', status: Reservation_Status.RESERVED });
    expect(await reserveCar('anna', 'key')).toEqual(reservation);
    expect((await reserveCar('ben', 'key')).reservationId).not.toBe(reservation.reservationId);
    expect(await all()).toHaveLength(2);
    expect(database.eventsOf(CarReserved).map(({ userId }) => userId)).toEqual(['anna', 'ben']);
  });

  it('stores nothing when car refuses', async () => {
    const { database, reserveCar, all } = setUp(() => Promise.reject(failedPrecondition('OUT_OF_STOCK', 'none is left')));
    await expect(reserveCar()).rejects.toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'OUT_OF_STOCK' });
    expect(await all()).toEqual([]);
    expect(database.events).toEqual([]);
  });

  it('asks for the release of the stock when the outcome is unknown', async () => {
    const { database, reserveCar, all } = setUp(() => Promise.reject(unavailable('TIMEOUT', 'timeout')));
    await expect(reserveCar()).rejects.toMatchObject({ code: status.UNAVAILABLE, reason: 'STOCK_UNCHECKED' });
    const [rejected] = await all();
    expect(rejected?.status).toBe(Reservation_Status.REJECTED);
    expect(database.eventsOf(StockReleaseRequested)).toMatchObject([{ reservationId: rejected?.reservationId }]);
  });
});

describe('a reservation', () => {
  it('is cancelled once', async () => {
    const { database, service, reserveCar } = setUp();
    const { reservationId } = await reserveCar();
    for (let calls = 0; calls < 2; calls++) {
      const { reservation } = await service.cancelReservation({ reservationId }, callContext());
      expect(reservation).toMatchObject({ reservationId, status: Reservation_Status.CANCELLED });
    }
    expect(database.eventsOf(ReservationCancelled)).toHaveLength(1);
  });

  it('is completed by the end of its use, and cannot be cancelled then', async () => {
    const { service, reserveCar, complete } = setUp();
    const { reservationId } = await reserveCar();
    await complete(reservationId);
    const { reservation } = await service.getReservation({ reservationId }, callContext());
    expect(reservation?.status).toBe(Reservation_Status.COMPLETED);
    await expect(service.cancelReservation({ reservationId }, callContext())).rejects.toMatchObject({ reason: 'NOT_CANCELLABLE' });
  });
});

describe('a hold that car asks about', () => {
  it('is released if there is no reservation for it, and kept if there is one', async () => {
    const { database, handlers, carId, reserveCar, all } = setUp();
    const { reservationId } = await reserveCar();
    const unknown = randomUUID();
    const holds = [reservationId, unknown].map((id) => ({ reservationId: id, carId }));
    await database.deliver(handlers, HoldsUnconfirmed, HoldsUnconfirmed.fromPartial({ holds }));
    expect(database.eventsOf(StockReleaseRequested)).toMatchObject([{ reservationId: unknown, carId }]);
    const statuses = new Map((await all()).map((each) => [each.reservationId, each.status]));
    expect(statuses).toEqual(
      new Map([
        [reservationId, Reservation_Status.RESERVED],
        [unknown, Reservation_Status.REJECTED],
      ]),
    );
  });
});

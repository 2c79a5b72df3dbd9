import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { Store } from '#kit/postgres/store.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { AllocationCancelled, CarAllocated, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { ListRentalsRequest, Rental_Status } from '#proto/rentcar/rental/v1/rental.ts';
import { CarReserved, ReservationCancelled } from '#proto/rentcar/reservation/v1/events.ts';
import { rentalHandlers } from './handlers.ts';
import { rentalService } from './service.ts';
import { rentalTable } from './store.ts';

function setUp() {
  const database = new MemoryDatabase([rentalTable]);
  const rentals = new Store(database, rentalTable);
  const handlers = rentalHandlers(rentals);
  const service = rentalService(rentals);
  const reservationOf = (userId: string) => ({ reservationId: randomUUID(), carId: randomUUID(), userId });
  const reserve = (reservation: ReturnType<typeof reservationOf>) =>
    database.deliver(handlers, CarReserved, CarReserved.fromPartial(reservation));
  const cancel = (reservation: ReturnType<typeof reservationOf>) =>
    database.deliver(handlers, ReservationCancelled, ReservationCancelled.fromPartial(reservation));
  const list = async (filters: Parameters<typeof ListRentalsRequest.fromPartial>[0] = {}) =>
    await service.listRentals(ListRentalsRequest.fromPartial(filters), callContext());
  return { database, service, reservationOf, reserve, cancel, list };
}

describe('a reserved car', () => {
  it('is allocated once, however often its event arrives', async () => {
    const { database, reservationOf, reserve, list } = setUp();
    const reservation = reservationOf('anna');
    for (let deliveries = 0; deliveries < 3; deliveries++) await reserve(reservation);
    expect((await list()).rentals).toMatchObject([{ ...reservation, status: Rental_Status.ALLOCATED, version: 1 }]);
    expect(database.eventsOf(CarAllocated)).toMatchObject([{ ...reservation, version: 1 }]);
  });

  it('is not allocated when its cancellation has arrived first', async () => {
    const { database, reservationOf, reserve, cancel, list } = setUp();
    const reservation = reservationOf('anna');
    await cancel(reservation);
    await reserve(reservation);
    expect((await list()).rentals).toMatchObject([{ ...reservation, status: Rental_Status.CANCELLED }]);
    expect(database.eventsOf(CarAllocated)).toEqual([]);
    expect(database.eventsOf(AllocationCancelled)).toHaveLength(1);
  });
});

describe('completing a rental', () => {
  it('publishes its end once', async () => {
    const { database, service, reservationOf, reserve, list } = setUp();
    await reserve(reservationOf('anna'));
    const rentalId = (await list()).rentals[0]?.rentalId ?? '';
    for (let calls = 0; calls < 2; calls++) {
      const { rental } = await service.completeRental({ rentalId }, callContext());
      expect(rental).toMatchObject({ rentalId, status: Rental_Status.COMPLETED });
    }
    expect(database.eventsOf(UseCompleted)).toMatchObject([{ rentalId, version: 2 }]);
  });

  it('is refused for a cancelled rental, and for one that does not exist', async () => {
    const { database, service, reservationOf, cancel, list } = setUp();
    await cancel(reservationOf('anna'));
    const rentalId = (await list()).rentals[0]?.rentalId ?? '';
    const complete = (id: string) => service.completeRental({ rentalId: id }, callContext());
    await expect(complete(rentalId)).rejects.toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'NOT_ALLOCATED' });
    await expect(complete(randomUUID())).rejects.toMatchObject({ code: status.NOT_FOUND, reason: 'RENTAL_NOT_FOUND' });
    expect(database.eventsOf(UseCompleted)).toEqual([]);
  });
});

describe('a list of rentals', () => {
  it('has the rentals of a customer and a status, page by page', async () => {
    const { reservationOf, reserve, cancel, list } = setUp();
    const [first, second, third] = [reservationOf('anna'), reservationOf('ben'), reservationOf('anna')];
    for (const reservation of [first, second, third]) await reserve(reservation);
    await cancel(third);
    const ofAnna = await list({ userId: 'anna', pageSize: 1 });
    const rest = await list({ userId: 'anna', pageSize: 1, pageToken: ofAnna.nextPageToken });
    const reservationIds = [...ofAnna.rentals, ...rest.rentals].map(({ reservationId }) => reservationId);
    expect(reservationIds.toSorted()).toEqual([first.reservationId, third.reservationId].toSorted());
    expect(rest.nextPageToken).toBe('');
    expect((await list({ userId: 'anna', status: Rental_Status.CANCELLED })).rentals).toMatchObject([third]);
  });
});

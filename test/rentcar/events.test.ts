import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CarRegistered, StockUpdated } from '#proto/rentcar/car/v1/events.ts';
import { AllocationCancelled, CarAllocated, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { CarReserved, ReservationCancelled } from '#proto/rentcar/reservation/v1/events.ts';
import { eventually } from '../support/eventually.ts';
import { consumed, event, type Seen, Tap, TOPICS, write } from '../support/kafka.ts';
import {
  everythingOf,
  mypageBecomes,
  mypageOf,
  qtyBecomes,
  registerCar,
  rentalBecomes,
  rentalsOf,
  reserve,
  unique,
} from '../support/rentcar.ts';
import { rest } from '../support/rest.ts';

/** The groups that apply the events of each topic. */
const GROUPS = {
  'rentcar.reservation.v1': ['rentcar.rental', 'rentcar.mypage'],
  'rentcar.rental.v1': ['rentcar.car', 'rentcar.reservation', 'rentcar.mypage'],
};

let tap: Tap;
beforeAll(async () => {
  tap = await Tap.open(TOPICS);
});
afterAll(() => tap.close());

/** A W3C trace context, as a caller that is traced sends it. */
function newTrace(): { traceId: string; headers: { traceparent: string } } {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, headers: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` } };
}

const traceOf = (record: Seen) => record.headers.traceparent?.split('-')[1];

describe('an event', () => {
  it('is CloudEvents in binary mode: attributes in headers, the protobuf message as value, the aggregate’s id as key', async () => {
    const car = await registerCar(3, unique('CLOUD'));
    const wish = { carId: car.carId, userId: unique('user'), userName: 'Ada', reservedDate: '2026-12-24' };
    const { reservationId } = await reserve(wish);
    const record = await tap.event(CarReserved, reservationId);
    expect(record.topic).toBe('rentcar.reservation.v1');
    expect(record.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/),
      ce_source: '/rentcar.reservation.v1',
      ce_type: 'rentcar.reservation.v1.CarReserved',
      ce_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/),
    });
    expect(CarReserved.decode(record.value)).toEqual({ ...wish, reservationId, carName: car.carName, version: 1 });
  });

  it('tells of every change, once, with the version of its aggregate', async () => {
    const { carId, carName } = await registerCar(3);
    const { reservationId, userId } = await reserve({ carId });
    const { rentalId } = await rentalBecomes(reservationId, 'ALLOCATED');
    await rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {});
    await tap.event(AllocationCancelled, rentalId);
    await qtyBecomes(carId, 3);
    await tap.event(StockUpdated, carId, ({ value }) => StockUpdated.decode(value).version === 3);
    const told = (key: string, types: readonly { $type: string; decode(bytes: Uint8Array): object }[]) =>
      tap.records
        .filter((record) => record.key === key)
        .map(({ headers, value }) => ({ ...types.find(({ $type }) => $type === headers.ce_type)?.decode(value) }));
    // The newest stock about once a second: which steps before it are published depends on the moment.
    const stock = told(carId, [CarRegistered, StockUpdated]) as { readonly version: number }[];
    expect(stock[0]).toEqual({ carId, carName, qty: 3, version: 1 });
    expect(stock.at(-1)).toEqual({ carId, carName, qty: 3, version: 3 });
    const versions = stock.map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].sort());
    const details = { reservationId, carId, carName, userId, userName: '', reservedDate: '' };
    expect(told(reservationId, [CarReserved, ReservationCancelled])).toEqual([
      { ...details, version: 1 },
      { ...details, version: 2 },
    ]);
    expect(told(rentalId, [CarAllocated, AllocationCancelled])).toEqual([
      { rentalId, reservationId, carId, userId, version: 1 },
      { rentalId, reservationId, carId, userId, version: 2 },
    ]);
  });

  it('carries the trace of the request that caused it, and so do the events that follow from it', async () => {
    const { carId } = await registerCar(3);
    const reserving = newTrace();
    const { reservationId } = await reserve({ carId }, reserving.headers);
    expect(traceOf(await tap.event(CarReserved, reservationId))).toBe(reserving.traceId);
    const { rentalId } = await rentalBecomes(reservationId, 'ALLOCATED');
    expect(traceOf(await tap.event(CarAllocated, rentalId))).toBe(reserving.traceId);

    const cancelling = newTrace();
    await rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {}, { headers: cancelling.headers });
    expect(traceOf(await tap.event(ReservationCancelled, reservationId))).toBe(cancelling.traceId);
    expect(traceOf(await tap.event(AllocationCancelled, rentalId))).toBe(cancelling.traceId);
  });
});

describe('an event that is delivered twice has no second effect', () => {
  /** Writes a record again, byte by byte, and waits until all who read it have done so. */
  async function again(record: Seen, changes: { ce_id?: string } = {}): Promise<void> {
    const { topic, key, value, headers } = record;
    const written = await write({ topic, key, value, headers: { ...headers, ...changes } });
    expect(written.partition, 'the same key is in the same partition').toBe(record.partition);
    await consumed(GROUPS[topic as keyof typeof GROUPS], written);
  }

  const snapshot = (carId: string, reservationId: string) => everythingOf({ carId, reservationId });

  it.each([
    ['the same event', () => ({})],
    ['another event with the same content', () => ({ ce_id: randomUUID() })],
  ])('CarReserved, ReservationCancelled and AllocationCancelled: %s', async (_, changes) => {
    const { carId } = await registerCar(3);
    const { reservationId } = await reserve({ carId });
    await mypageBecomes(reservationId, 'ALLOCATED');
    const reserved = await tap.event(CarReserved, reservationId);
    await consumed(GROUPS['rentcar.reservation.v1'], reserved);
    const allocated = await snapshot(carId, reservationId);
    await again(reserved, changes());
    expect(await snapshot(carId, reservationId)).toEqual(allocated);

    await rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {});
    await rentalBecomes(reservationId, 'CANCELLED');
    await qtyBecomes(carId, 3);
    const [rental] = await rentalsOf(reservationId);
    const allocationCancelled = await tap.event(AllocationCancelled, rental?.rentalId ?? '');
    await consumed(GROUPS['rentcar.rental.v1'], allocationCancelled);
    const cancelled = await snapshot(carId, reservationId);
    await again(await tap.event(ReservationCancelled, reservationId), changes());
    await again(allocationCancelled, changes());
    await again(reserved, changes());
    expect(await snapshot(carId, reservationId)).toEqual(cancelled);
  });

  it('UseCompleted, of which car, reservation and mypage hear', async () => {
    const { carId } = await registerCar(3);
    const { reservationId } = await reserve({ carId });
    const { rentalId } = await rentalBecomes(reservationId, 'ALLOCATED');
    await rest('POST', `/rentcar/rentals/${rentalId}:complete`, {});
    const completed = await tap.event(UseCompleted, rentalId);
    await consumed(GROUPS['rentcar.rental.v1'], completed);
    const before = await snapshot(carId, reservationId);
    expect(before).toMatchObject({ qty: 3, reservation: { status: 'COMPLETED' }, mypage: { status: 'COMPLETED' } });
    await again(completed);
    await again(completed, { ce_id: randomUUID() });
    expect(await snapshot(carId, reservationId)).toEqual(before);
  });
});

describe('mypage is right whatever the order of events', () => {
  it('when the rental’s event arrives before the reservation’s, and when old ones arrive late', async () => {
    const [reservationId, rentalId, carId] = [randomUUID(), randomUUID(), randomUUID()];
    const userId = unique('user');
    const rental = { rentalId, reservationId, carId, userId };
    const reservation = { reservationId, carId, carName: 'LATE', userId, userName: 'Ada', reservedDate: '2026-12-24' };

    await consumed(['rentcar.mypage'], await write(event(CarAllocated, rentalId, { ...rental, version: 1 })));
    expect(await mypageOf(reservationId)).toMatchObject({ carId, carName: '', userId, userName: '', status: 'ALLOCATED' });

    await consumed(['rentcar.mypage', 'rentcar.rental'], await write(event(CarReserved, reservationId, { ...reservation, version: 1 })));
    expect(await mypageOf(reservationId)).toMatchObject({ ...reservation, status: 'ALLOCATED' });

    await consumed(['rentcar.mypage'], await write(event(ReservationCancelled, reservationId, { ...reservation, version: 2 })));
    expect(await mypageOf(reservationId)).toMatchObject({ ...reservation, status: 'CANCELLED' });
    await rentalBecomes(reservationId, 'CANCELLED');

    await consumed(['rentcar.mypage'], await write(event(CarReserved, reservationId, { ...reservation, version: 1 })));
    await consumed(['rentcar.mypage'], await write(event(CarAllocated, rentalId, { ...rental, version: 1 })));
    expect(await mypageOf(reservationId)).toMatchObject({ ...reservation, status: 'CANCELLED' });
  });

  it('when a reservation’s cancellation arrives before it, which then allocates nothing', async () => {
    const [reservationId, carId] = [randomUUID(), randomUUID()];
    const reservation = { reservationId, carId, carName: 'LATE', userId: unique('user'), userName: '', reservedDate: '' };
    await consumed(
      ['rentcar.mypage', 'rentcar.rental'],
      await write(event(ReservationCancelled, reservationId, { ...reservation, version: 2 })),
    );
    await consumed(['rentcar.mypage', 'rentcar.rental'], await write(event(CarReserved, reservationId, { ...reservation, version: 1 })));
    expect(await mypageOf(reservationId)).toMatchObject({ ...reservation, status: 'CANCELLED' });
    expect(await rentalsOf(reservationId)).toEqual([expect.objectContaining({ status: 'CANCELLED' })]);
  });

  it('when an event of a kind that nobody knows yet comes by', async () => {
    const [reservationId, carId] = [randomUUID(), (await registerCar(1)).carId];
    const unknown = { ...event(CarReserved, reservationId, CarReserved.fromPartial({ reservationId, carId })) };
    const headers = { ...unknown.headers, ce_type: 'rentcar.reservation.v1.CarPolished' };
    await consumed(GROUPS['rentcar.reservation.v1'], await write({ ...unknown, headers }));
    expect(await rentalsOf(reservationId)).toEqual([]);
    const { reservationId: next } = await reserve({ carId });
    await eventually('the system goes on', () => mypageBecomes(next, 'ALLOCATED'));
  });
});

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { HoldsUnconfirmed } from '#proto/rentcar/car/v1/events.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { channel, client } from '../support/grpc.ts';
import { control, LEASE_SECONDS, podService } from '../support/instance.ts';
import { Tap } from '../support/kafka.ts';
import {
  mypageBecomes,
  patiently,
  qtyBecomes,
  qtyOf,
  type Reservation,
  registerCar,
  rentalBecomes,
  reserve,
  tryReserve,
  unique,
} from '../support/rentcar.ts';
import { listAll, rest } from '../support/rest.ts';

/** What the answer of a stopped or unreachable part looks like to a client. */
const UNAVAILABLE = { code: 'UNAVAILABLE', httpStatus: 503, retryAfter: expect.stringMatching(/^\d+$/) };

describe('while a part is stopped', () => {
  const stopped = new Set<string>();
  async function stop(name: string): Promise<void> {
    stopped.add(name);
    await control.stop(name);
  }
  async function start(name: string): Promise<void> {
    await control.start(name);
    stopped.delete(name);
  }
  // A test that failed must not take the others with it.
  afterEach(async () => {
    for (const name of stopped) await start(name);
  });

  const reserveSome = (carId: string) => each(range(5), 5, () => reserve({ carId }));

  it('rental: reservations go on, and the allocations appear when it is back', async () => {
    const { carId } = await registerCar(10);
    await stop('rentcar/rental-1');
    const made = await reserveSome(carId);
    expect(await qtyOf(carId)).toBe(5);
    expect(await failureOf(rest('GET', '/rentcar/rentals'))).toMatchObject(UNAVAILABLE);
    for (const { reservationId } of made) await mypageBecomes(reservationId, 'RESERVED');
    await start('rentcar/rental-1');
    for (const { reservationId } of made) await rentalBecomes(reservationId, 'ALLOCATED');
    for (const { reservationId } of made) await mypageBecomes(reservationId, 'ALLOCATED');
  });

  it('mypage: reservations and allocations go on, and the view catches up when it is back', async () => {
    const { carId } = await registerCar(10);
    await stop('rentcar/mypage-1');
    const made = await reserveSome(carId);
    for (const { reservationId } of made) await rentalBecomes(reservationId, 'ALLOCATED');
    expect(await failureOf(rest('GET', '/rentcar/mypages'))).toMatchObject(UNAVAILABLE);
    await start('rentcar/mypage-1');
    for (const { reservationId } of made) await mypageBecomes(reservationId, 'ALLOCATED');
  });

  it('the store of mypage: reservations and allocations go on, mypage says UNAVAILABLE, and catches up when the store is back', async () => {
    const { carId } = await registerCar(10);
    await stop('mongo');
    const made = await reserveSome(carId);
    for (const { reservationId } of made) await rentalBecomes(reservationId, 'ALLOCATED');
    expect(await failureOf(rest('GET', '/rentcar/mypages'))).toMatchObject({ code: 'UNAVAILABLE', httpStatus: 503 });
    await start('mongo');
    for (const { reservationId } of made) await mypageBecomes(reservationId, 'ALLOCATED');
  });

  it('car: a reservation fails with when to try again, and no stock stays taken when car is back', async () => {
    const { carId } = await registerCar(10);
    await stop('rentcar/car-1');
    const userId = unique('user');
    for (const _ of range(5)) {
      const failure = await failureOf(tryReserve({ carId, userId }));
      expect(failure).toMatchObject({
        ...UNAVAILABLE,
        reason: 'STOCK_UNCHECKED',
        domain: 'rentcar.rentmesh',
        retrySeconds: expect.any(Number),
      });
    }
    await start('rentcar/car-1');
    await reserve({ carId, userId });
    await qtyBecomes(carId, 9);
    const stored = await listAll<Reservation>('/rentcar/reservations', 'reservations', { user_id: userId });
    expect(stored.filter(({ status }) => status === 'RESERVED')).toHaveLength(1);
    // Those for which car may have been asked; what the open circuit refused left nothing.
    expect(stored.filter(({ status }) => status === 'REJECTED').length).toBeGreaterThanOrEqual(1);
    expect(await listAll('/rentcar/rentals', 'rentals', { user_id: userId, status: 'ALLOCATED' })).toHaveLength(1);
  });

  it('car: a reservation fails at once, without waiting for the time that its call to car may take', async () => {
    const { carId } = await registerCar(10);
    await stop('rentcar/car-1');
    // The first failures may go through retries; then the circuit is open.
    const times = await each(range(20), 1, async () => {
      const begin = performance.now();
      await failureOf(tryReserve({ carId }));
      return performance.now() - begin;
    });
    expect(Math.max(...times), 'milliseconds of the slowest refusal').toBeLessThan(3000);
    await start('rentcar/car-1');
    await reserve({ carId });
  });

  it('car: what is repeated under the same idempotency-key succeeds when car is back, and takes the stock once', async () => {
    const { carId } = await registerCar(10);
    await stop('rentcar/car-1');
    const wish = { carId, userId: unique('user') };
    const headers = { 'idempotency-key': unique('key') };
    for (const _ of range(3)) expect(await failureOf(tryReserve(wish, headers))).toMatchObject({ code: 'UNAVAILABLE' });
    await start('rentcar/car-1');
    const reservation = await reserve(wish, headers);
    expect(reservation).toMatchObject({ carId, status: 'RESERVED' });
    expect(await reserve(wish, headers)).toEqual(reservation);
    await rentalBecomes(reservation.reservationId, 'ALLOCATED');
    await qtyBecomes(carId, 9);
  });

  it('Kafka: reservations and cancellations go on, and everything arrives when it is back', async () => {
    const { carId } = await registerCar(10);
    await stop('kafka');
    const made = await reserveSome(carId);
    const [first, ...others] = made;
    if (first === undefined) throw new Error('nothing was reserved');
    await rest('POST', `/rentcar/reservations/${first.reservationId}:cancel`, {});
    expect(await qtyOf(carId)).toBe(5);
    await start('kafka');
    await mypageBecomes(first.reservationId, 'CANCELLED', 60_000);
    for (const { reservationId } of others) await rentalBecomes(reservationId, 'ALLOCATED', 60_000);
    for (const { reservationId } of others) await mypageBecomes(reservationId, 'ALLOCATED', 60_000);
    await qtyBecomes(carId, 6);
  });

  it('Kafka, for longer than the lease of holds: car asks about no reservation that is stored, and about one that is not', async () => {
    const { carId } = await registerCar(10);
    const tap = await Tap.open(['rentcar.car.v1.holds']);
    await stop('kafka');
    const made = await reserveSome(carId);
    const orphan = randomUUID();
    await client(channel(podService('rentcar/car-1')), CarServiceService).checkUpdateStock({ carId, reservationId: orphan });
    // Several leases pass while no confirmation arrives.
    await sleep(3 * LEASE_SECONDS * 1000);
    await start('kafka');
    for (const { reservationId } of made) await mypageBecomes(reservationId, 'ALLOCATED', 60_000);
    await qtyBecomes(carId, 10 - made.length);
    const asked = () => tap.records.flatMap(({ value }) => HoldsUnconfirmed.decode(value).holds.map(({ reservationId }) => reservationId));
    await eventually('the question about the orphan is read', () => expect(asked()).toContain(orphan), 60_000);
    expect(asked().filter((id) => id === orphan)).toHaveLength(1);
    expect(made.map(({ reservationId }) => reservationId).filter((id) => asked().includes(id))).toEqual([]);
    await tap.close();
  });

  it('PostgreSQL: calls are UNAVAILABLE and say so, and go on when it is back with nothing lost', async () => {
    const { carId } = await registerCar(10);
    const before = await reserve({ carId });
    await stop('postgres');
    const expected = { code: 'UNAVAILABLE', httpStatus: 503 };
    const storeGone = { ...expected, reason: 'STORE_UNAVAILABLE', retrySeconds: expect.any(Number) };
    expect(await failureOf(rest('GET', `/rentcar/reservations/${before.reservationId}`))).toMatchObject(storeGone);
    expect(await failureOf(tryReserve({ carId }))).toMatchObject(expected);
    expect(await failureOf(registerCar(1))).toMatchObject(expected);
    await start('postgres');
    await patiently(() => rest('GET', `/rentcar/reservations/${before.reservationId}`));
    await rentalBecomes(before.reservationId, 'ALLOCATED', 60_000);
    const after = await reserve({ carId });
    await rentalBecomes(after.reservationId, 'ALLOCATED', 60_000);
    await mypageBecomes(after.reservationId, 'ALLOCATED', 60_000);
    await qtyBecomes(carId, 8);
  });
});

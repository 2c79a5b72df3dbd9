import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { EffectReview } from '#kit/guarded-call/review.ts';
import { Store } from '#kit/postgres/store.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { ListCarsRequest } from '#proto/rentcar/car/v1/car.ts';
import { CarRegistered, HoldsUnconfirmed } from '#proto/rentcar/car/v1/events.ts';
import { StockReleaseRequested } from '#proto/rentcar/reservation/v1/events.ts';
import { carHandlers } from './handlers.ts';
import { holdsOf } from './holds.ts';
import { carService } from './service.ts';
import { carTable } from './store.ts';

function setUp() {
  const database = new MemoryDatabase([carTable], { generated: { inStock: ({ qty }) => Number(qty) > 0 } });
  const changed: string[] = [];
  const holds = holdsOf(database, (carIds) => changed.push(...carIds));
  const service = carService(new Store(database, carTable), holds);
  const review = new EffectReview({ database, leaseSeconds: 30, event: HoldsUnconfirmed, content: () => ({ holds: [] }) });
  const handlers = carHandlers(holds, review);
  const register = async (carName: string, qty: number, idempotencyKey?: string) => {
    const { car } = await service.registerCar({ carName, qty }, callContext(idempotencyKey === undefined ? {} : { idempotencyKey }));
    if (car === undefined) throw new Error('no car was answered');
    return car;
  };
  const take = (carId: string, reservationId = randomUUID()) => service.checkUpdateStock({ carId, reservationId }, callContext());
  const release = (carId: string, reservationId: string) =>
    database.deliver(handlers, StockReleaseRequested, StockReleaseRequested.fromPartial({ carId, reservationId }));
  const qtyOf = async (carId: string) => (await service.getCar({ carId }, callContext())).car?.qty;
  return { database, service, changed, register, take, release, qtyOf };
}

describe('registering a car', () => {
  it('happens once per idempotency key', async () => {
    const { database, register } = setUp();
    const car = await register('SONATA', 3, 'key');
    expect(await register('SONATA', 3, 'key')).toEqual(car);
    expect(database.eventsOf(CarRegistered)).toMatchObject([{ carId: car.carId, carName: 'SONATA' }]);
    await expect(register('MORNING', 3, 'key')).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
      reason: 'IDEMPOTENCY_KEY_REUSED',
      metadata: { carId: car.carId },
    });
  });
});

describe('a list of cars', () => {
  it('has those in stock', async () => {
    const { service, register, take } = setUp();
    const [full, empty] = [await register('SONATA', 1), await register('SONATA', 1)];
    await take(empty.carId);
    const { cars } = await service.listCars(ListCarsRequest.fromPartial({ carName: 'SONATA', inStock: true }), callContext());
    expect(cars.map(({ carId }) => carId)).toEqual([full.carId]);
  });
});

describe('the stock of a car', () => {
  it('is taken once per reservation, and given back once', async () => {
    const { changed, register, take, release, qtyOf } = setUp();
    const { carId } = await register('SONATA', 2);
    const reservationId = randomUUID();
    for (let calls = 0; calls < 2; calls++) expect(await take(carId, reservationId)).toEqual({ carName: 'SONATA' });
    expect(await qtyOf(carId)).toBe(1);
    for (let deliveries = 0; deliveries < 2; deliveries++) await release(carId, reservationId);
    expect(await qtyOf(carId)).toBe(2);
    expect(changed).toEqual([carId, carId]);
    await expect(take(carId, reservationId)).rejects.toMatchObject({ code: status.ABORTED, reason: 'HOLD_RELEASED' });
  });

  it('is not taken by a reservation whose release has arrived first', async () => {
    const { register, take, release, qtyOf } = setUp();
    const { carId } = await register('SONATA', 1);
    const reservationId = randomUUID();
    await release(carId, reservationId);
    await expect(take(carId, reservationId)).rejects.toMatchObject({ reason: 'HOLD_RELEASED' });
    expect(await qtyOf(carId)).toBe(1);
  });

  it('never falls below zero, also for concurrent calls', async () => {
    const { register, take, qtyOf } = setUp();
    const { carId } = await register('SONATA', 3);
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => take(carId)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(3);
    const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
    expect(refused).toEqual(Array(7).fill(expect.objectContaining({ code: status.FAILED_PRECONDITION, reason: 'OUT_OF_STOCK' })));
    expect(await qtyOf(carId)).toBe(0);
  });

  it('is refused for a car that does not exist, and for a reservation of another car', async () => {
    const { register, take } = setUp();
    await expect(take(randomUUID())).rejects.toMatchObject({ code: status.NOT_FOUND, reason: 'CAR_NOT_FOUND' });
    const [one, other] = [await register('SONATA', 1), await register('MORNING', 1)];
    const reservationId = randomUUID();
    await take(one.carId, reservationId);
    await expect(take(other.carId, reservationId)).rejects.toMatchObject({ code: status.ALREADY_EXISTS, reason: 'HOLD_OF_OTHER_CAR' });
  });
});

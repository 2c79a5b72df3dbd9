import { describe, expect, it } from 'vitest';
import { derivedId } from '#kit/runtime/ids.ts';
import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { reservations } from '../support/doors.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { Failure, failureOf } from '../support/failure.ts';
import { channel, client } from '../support/grpc.ts';
import { podService } from '../support/instance.ts';
import { type Car, qtyBecomes, qtyOf, registerCar, rentalBecomes, reservationOf, reserve, unique } from '../support/rentcar.ts';
import { rest } from '../support/rest.ts';

const keyed = () => ({ 'idempotency-key': unique('key') });

describe('an idempotency-key', () => {
  it('makes the same reservation sent many times at once one reservation', async () => {
    const car = await registerCar(10);
    const wish = { carId: car.carId, userId: unique('user') };
    const headers = keyed();
    const answers = await each(range(20), 20, () => reserve(wish, headers));
    expect(new Set(answers.map(({ reservationId }) => reservationId)).size).toBe(1);
    expect(await qtyOf(car.carId)).toBe(9);
    const [first] = answers;
    await rentalBecomes(first?.reservationId ?? '', 'ALLOCATED');
    expect(await qtyOf(car.carId)).toBe(9);
  });

  it('makes the same reservation sent many times in a row, through either door, one reservation', async () => {
    const car = await registerCar(10);
    const wish = { carId: car.carId, userId: unique('user'), userName: 'Ada', reservedDate: '2026-12-24' };
    const headers = keyed();
    const first = await reserve(wish, headers);
    for (const _ of range(5)) expect(await reserve(wish, headers)).toEqual(first);
    const { reservation } = await reservations.reserveCar(wish, { headers });
    expect(reservation?.reservationId).toBe(first.reservationId);
    expect(await qtyOf(car.carId)).toBe(9);
  });

  it('used again for other content is ALREADY_EXISTS and changes nothing', async () => {
    const [car, other] = [await registerCar(10), await registerCar(10)];
    const wish = { carId: car.carId, userId: unique('user'), userName: 'Ada', reservedDate: '2026-12-24' };
    const headers = keyed();
    const { reservationId } = await reserve(wish, headers);
    for (const change of [{ carId: other.carId }, { userName: 'Eve' }, { reservedDate: '2026-12-25' }]) {
      expect(await failureOf(reserve({ ...wish, ...change }, headers))).toMatchObject({
        code: 'ALREADY_EXISTS',
        reason: 'IDEMPOTENCY_KEY_REUSED',
        domain: 'rentcar.rentmesh',
        metadata: { reservationId },
        httpStatus: 409,
      });
    }
    expect(await qtyOf(car.carId)).toBe(9);
    expect(await qtyOf(other.carId)).toBe(10);
  });

  it('used for two cars at once reserves one of them', async () => {
    const cars = [await registerCar(10), await registerCar(10)];
    const userId = unique('user');
    const headers = keyed();
    const outcomes = await each(range(20), 20, (i) =>
      reserve({ carId: cars[i % 2]?.carId ?? '', userId }, headers).catch((error: unknown) => error),
    );
    const failures = outcomes.filter((outcome) => outcome instanceof Failure);
    expect(failures.map(({ code }) => code)).toEqual(Array(10).fill('ALREADY_EXISTS'));
    const quantities = await Promise.all(cars.map(({ carId }) => qtyOf(carId)));
    expect(quantities.toSorted((a, b) => a - b)).toEqual([9, 10]);
  });

  it('is each user’s own', async () => {
    const car = await registerCar(10);
    const headers = keyed();
    const made = await each(range(2), 2, () => reserve({ carId: car.carId }, headers));
    expect(new Set(made.map(({ reservationId }) => reservationId)).size).toBe(2);
    expect(await qtyOf(car.carId)).toBe(8);
  });

  it('shows a reservation that was cancelled meanwhile as it is, and does not reserve again', async () => {
    const car = await registerCar(10);
    const wish = { carId: car.carId, userId: unique('user') };
    const headers = keyed();
    const { reservationId } = await reserve(wish, headers);
    await rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {});
    expect(await reserve(wish, headers)).toMatchObject({ reservationId, status: 'CANCELLED' });
    await qtyBecomes(car.carId, 10);
  });

  it('makes the same car registered many times at once one car', async () => {
    const headers = keyed();
    const register = (car: Omit<Car, 'carId'>) => rest<Car>('POST', '/rentcar/cars', car, { headers });
    const made = await each(range(10), 10, () => register({ carName: 'TWICE', qty: 5 }));
    const [car] = made;
    if (car === undefined) throw new Error('nothing was registered');
    expect(made).toEqual(Array(10).fill(car));
    await reserve({ carId: car.carId });
    expect(await register({ carName: 'TWICE', qty: 5 }), 'also when some are reserved').toEqual({ ...car, qty: 4 });
    for (const change of [{ carName: 'THRICE' }, { qty: 6 }, { qty: 4 }]) {
      expect(await failureOf(register({ carName: 'TWICE', qty: 5, ...change }))).toMatchObject({
        code: 'ALREADY_EXISTS',
        reason: 'IDEMPOTENCY_KEY_REUSED',
        metadata: { carId: car.carId },
        httpStatus: 409,
      });
    }
  });
});

describe('a client whose reservation died between taking the stock and storing it', () => {
  const carPod = client(channel(podService('rentcar/car-1')), CarServiceService);

  /** Takes the stock as the first attempt under a key does, and goes no further. */
  async function dieHalfway() {
    const car = await registerCar(10);
    const wish = { carId: car.carId, userId: unique('user') };
    const headers = keyed();
    const reservationId = derivedId('rentcar.reservation', wish.userId, headers['idempotency-key'], '1');
    await carPod.checkUpdateStock({ carId: car.carId, reservationId });
    expect(await qtyOf(car.carId)).toBe(9);
    return { car, wish, headers, reservationId };
  }

  it('gets that stock when it repeats the call at once', async () => {
    const { car, wish, headers, reservationId } = await dieHalfway();
    expect(await reserve(wish, headers)).toMatchObject({ reservationId, status: 'RESERVED' });
    await rentalBecomes(reservationId, 'ALLOCATED');
    expect(await qtyOf(car.carId)).toBe(9);
  });

  it('finds the stock given back after the lease, and the same key reserves anew, once', async () => {
    const { car, wish, headers, reservationId } = await dieHalfway();
    await qtyBecomes(car.carId, 10);
    await eventually('the lost attempt is rejected', async () =>
      expect(await reservationOf(reservationId)).toMatchObject({ reservationId, status: 'REJECTED' }),
    );
    const late = await reserve(wish, headers);
    expect(late).toMatchObject({ status: 'RESERVED' });
    expect(late.reservationId).not.toBe(reservationId);
    await rentalBecomes(late.reservationId, 'ALLOCATED');
    expect(await qtyOf(car.carId)).toBe(9);
  });
});

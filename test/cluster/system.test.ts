import { describe, expect, it } from 'vitest';
import { differences, readStock } from '../../services/rentcar/dev/stock.ts';
import { cars } from '../support/doors.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { Failure, failureOf } from '../support/failure.ts';
import { edge } from '../support/instance.ts';
import {
  type Car,
  mypageBecomes,
  patiently,
  qtyBecomes,
  qtyOf,
  registerCar,
  rentalBecomes,
  reserve,
  tryReserve,
} from '../support/rentcar.ts';
import { post, rest } from '../support/rest.ts';
import { tested } from '../support/tested/index.ts';

describe('rent-a-car through the edge', () => {
  it('does its main job: stock is taken at once, allocation and mypage follow, cancelling gives all of it back', async () => {
    const { carId } = await patiently(() => registerCar(2));
    const begin = performance.now();
    const { reservationId } = await reserve({ carId });
    const reserved = performance.now();
    expect(await qtyOf(carId)).toBe(1);
    await rentalBecomes(reservationId, 'ALLOCATED');
    await mypageBecomes(reservationId, 'ALLOCATED');
    const shown = performance.now();
    console.log(`  reserved in ${(reserved - begin).toFixed(0)} ms, allocated and shown ${(shown - reserved).toFixed(0)} ms later`);
    await post(`/rentcar/reservations/${reservationId}:cancel`);
    await rentalBecomes(reservationId, 'CANCELLED');
    await qtyBecomes(carId, 2);
  });

  it('is offered as REST, gRPC and Connect, with the web app and the API page, at one door', async () => {
    const { carId, ...car } = await patiently(() => registerCar(1));
    expect(await rest<Car>('GET', `/rentcar/cars/${carId}`)).toEqual({ carId, ...car });
    expect((await cars.getCar({ carId })).car).toEqual({ carId, ...car });
    expect(await post('/rentcar.car.v1.CarService/GetCar', { carId })).toEqual({ car: { carId, ...car } });
    const pages = await each(['/app/', '/docs', '/openapi.json'], 3, (path) => fetch(`${edge.url}${path}`));
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('sells 100 cars to 200 who want one at once, and loses none', async () => {
    const { carId } = await registerCar(100);
    const begin = performance.now();
    const outcomes = await each(range(200), 200, () => patiently(() => tryReserve({ carId })).catch((error: unknown) => error));
    let sold = outcomes.filter((outcome) => !(outcome instanceof Error)).length;
    console.log(`  200 at once in ${((performance.now() - begin) / 1000).toFixed(1)} s: ${sold} reserved`);
    const refused = outcomes.filter((outcome) => outcome instanceof Failure);
    for (const { code } of refused) expect(['FAILED_PRECONDITION', 'UNAVAILABLE']).toContain(code);
    // What was held for calls that were cut off comes back, and is sold then.
    await eventually(
      'all are sold',
      async () => {
        if ((await qtyOf(carId)) > 0) {
          await reserve({ carId });
          sold++;
        }
        expect(sold).toBe(100);
      },
      120_000,
    );
    expect(await failureOf(tryReserve({ carId }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'OUT_OF_STOCK' });
    expect(await qtyOf(carId)).toBe(0);
  });

  it('keeps the invariant: initial stock = stock + live holds, each hold a reservation with one allocation and one row of mypage', async () => {
    await tested.withStores(async (stores) => {
      const snapshot = await eventually(
        'the stock adds up',
        async () => {
          const read = await readStock(stores);
          expect(differences(read)).toEqual([]);
          return read;
        },
        60_000,
      );
      console.log(`  it holds for ${snapshot.cars.length} cars and ${snapshot.reserved.length} live reservations`);
      expect(snapshot.reserved.length).toBeGreaterThanOrEqual(100);
    });
  });
});

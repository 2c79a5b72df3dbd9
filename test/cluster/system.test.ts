import { describe, expect, it } from 'vitest';
import { differences, readStock } from '../../dev/stock.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { mypageBecomes, patiently, qtyBecomes, qtyOf, registerCar, rentalBecomes, reserve, tryReserve } from '../support/rentcar.ts';
import { post } from '../support/rest.ts';
import { tested } from '../support/tested/index.ts';
import { ISTIOCTL, kubectl, run } from './support/command.ts';

describe('the laptop overlay', () => {
  it('is applied, and every pod is ready with its sidecar', async () => {
    const text = await kubectl(['get', 'pods', '-A', '-l', 'app', '--no-headers']);
    const pods = text
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/))
      .filter(([, , , status]) => status !== 'Terminating');
    console.log(`  ${pods.length} pods`);
    expect(pods.filter(([, , ready = '', status]) => status !== 'Running' || ready.split('/')[0] !== ready.split('/')[1])).toEqual([]);
    expect(pods.map(([, name = '']) => name.replace(/-.*/, ''))).toEqual(
      expect.arrayContaining(['car', 'reservation', 'rental', 'mypage', 'gateway', 'edge', 'ingress', 'postgres', 'kafka', 'mongo']),
    );
  });

  it('gives istioctl analyze nothing to say', async () => {
    const namespaces = ['rentcar', 'edge', 'postgres', 'kafka', 'mongo'];
    const said = await each(namespaces, 2, (namespace) => run(ISTIOCTL, ['analyze', '-n', namespace], { limitMs: 60_000 }));
    expect(said.map(({ stdout, stderr }) => (stdout + stderr).trim())).toEqual(
      namespaces.map((namespace) => `✔ No validation issues found when analyzing namespace: ${namespace}.`),
    );
  });
});

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
    await post(`/reservations/${reservationId}:cancel`);
    await rentalBecomes(reservationId, 'CANCELLED');
    await qtyBecomes(carId, 2);
  });

  it('sells 100 cars to 200 who want one at once, and loses none', async () => {
    const { carId } = await registerCar(100);
    const begin = performance.now();
    const outcomes = await each(range(200), 200, () => patiently(() => tryReserve({ carId })).catch((error: unknown) => error));
    const reserved = outcomes.filter((outcome) => !(outcome instanceof Error));
    console.log(`  200 at once in ${((performance.now() - begin) / 1000).toFixed(1)} s: ${reserved.length} reserved`);
    const refused = await failureOf(tryReserve({ carId }));
    expect(refused).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'OUT_OF_STOCK' });
    expect(reserved).toHaveLength(100);
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

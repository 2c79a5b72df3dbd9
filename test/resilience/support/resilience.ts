import { afterEach, expect } from 'vitest';
import type { Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import { differences, readStock } from '../../../services/rentcar/dev/stock.ts';
import { eventually } from '../../support/eventually.ts';
import { patiently, registerCar, reserve } from '../../support/rentcar.ts';
import { tested } from '../../support/tested/index.ts';
import { restorePolicies } from './policy.ts';

/** The call that a reservation waits for. */
const CHECK = 'rentcar.car.v1.CarService/CheckUpdateStock';

/** Makes the stock check slow or wrong, at all replicas of car or at one (`car-2`). */
export async function faultCheck(name: string, faults: Partial<Faults>): Promise<void> {
  await tested.setFaults(name, { ...faults, methods: [CHECK] });
}

/** After each test of the file, however it ended: no faults, one replica of car, the policies as shipped, and no circuit open. */
export function leavesEverythingAsItWas(): void {
  afterEach(async () => {
    // A replica that was killed may not be back yet.
    await eventually('all replicas of car have no faults', () => tested.setFaults('car', {}));
    await tested.control.scale('car', 1);
    await restorePolicies();
    const { carId } = await patiently(() => registerCar(1));
    await reserve({ carId });
  });
}

/** Longer than the lease of a hold that nobody vouches for, which a call that was cut off may have left. */
const SETTLED_MS = 45_000;

/** Waits until everything has arrived everywhere, and then no stock is lost or sold twice. */
export async function stockAddsUp(): Promise<void> {
  await tested.withStores(async (stores) => {
    await eventually('the stock adds up', async () => expect(differences(await readStock(stores))).toEqual([]), SETTLED_MS);
  });
}

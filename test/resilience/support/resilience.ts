import { afterEach, expect } from 'vitest';
import type { Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import { setFaults } from '../../../dev/faults.ts';
import { command } from '../../support/command.ts';
import { eventually } from '../../support/eventually.ts';
import { control } from '../../support/instance.ts';
import { patiently, registerCar, reserve } from '../../support/rentcar.ts';
import { restorePolicies } from './policy.ts';

/** The call that a reservation waits for. */
const CHECK = 'rentcar.car.v1.CarService/CheckUpdateStock';

/** Makes the stock check slow or wrong, at all replicas of car or at one (`car-2`). */
export async function faultCheck(name: string, faults: Partial<Faults>): Promise<void> {
  await setFaults(control, name, { ...faults, methods: [CHECK] });
}

/** After each test of the file, however it ended: no faults, one replica of car, the policies as shipped, and no circuit open. */
export function leavesEverythingAsItWas(): void {
  afterEach(async () => {
    // A replica that was killed may not be back yet.
    await eventually('all replicas of car have no faults', () => setFaults(control, 'car', {}));
    await control.scale('car', 1);
    await restorePolicies();
    await reserve(await patiently(() => registerCar(1)));
  });
}

/** Waits until everything has arrived everywhere, and then no stock is lost or sold twice. */
export async function stockAddsUp(): Promise<void> {
  const { code, output } = await command('check:stock');
  expect(code, output).toBe(0);
}

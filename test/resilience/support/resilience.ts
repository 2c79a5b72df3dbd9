import { afterEach } from 'vitest';
import { setFaults } from '../../../dev/faults.ts';
import { eventually } from '../../support/eventually.ts';
import { control } from '../../support/instance.ts';
import { registerCar, reserve } from '../../support/rentcar.ts';
import { restorePolicies } from './policy.ts';

/** After each test of the file, however it ended: no faults, one replica of car, the policies as shipped, and no circuit open. */
export function leavesEverythingAsItWas(): void {
  afterEach(async () => {
    // A replica that was killed may not be back yet.
    await eventually('all replicas of car have no faults', () => setFaults(control, 'car', {}));
    await control.scale('car', 1);
    await restorePolicies();
    await reserve(await registerCar(1));
  });
}

import type { Change } from '../../support/tested/change.ts';
import { tested } from '../../support/tested/index.ts';

/**
 * Changes a policy file of the tested system, such as `rentcar/car.yaml`, and waits until the mesh follows it. `restorePolicies` takes the
 * change back.
 */
export async function changePolicy(file: string, ...changes: readonly Change[]): Promise<void> {
  await tested.changePolicy(file, changes);
}

/** Takes all changes back and waits until the mesh follows the policies as they were. */
export async function restorePolicies(): Promise<void> {
  await tested.restorePolicies();
}

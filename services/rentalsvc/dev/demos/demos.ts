import { slowCalleeDemo } from '../../../../dev/demos/blocks/slow-callee.ts';
import { stoppedServiceDemo } from '../../../../dev/demos/blocks/stopped-service.ts';
import type { Demo } from '../../../../dev/demos/demo.ts';
import { CHECK_INVENTORY, startRentals } from './rentals.ts';

const renting = { front: 'order', callee: 'inventory', call: CHECK_INVENTORY, start: startRentals };

/** The demonstrations of the rental service. */
export const demos: readonly Demo[] = [
  slowCalleeDemo({
    ...renting,
    title: 'a slow inventory, and who waits for it',
    circuit: { host: 'order.rentalsvc.svc.cluster.local', subset: 'request' },
    // About one call in three takes longer than the timeout of 1 s.
    delayMs: [800, 1100],
  }),
  stoppedServiceDemo({ ...renting, title: 'totalview is stopped, rentals go on', stopped: 'totalview', effects: 'shown' }),
];

import { slowCalleeDemo } from '../../../../dev/demos/blocks/slow-callee.ts';
import { stoppedServiceDemo } from '../../../../dev/demos/blocks/stopped-service.ts';
import type { Demo } from '../../../../dev/demos/demo.ts';
import { CHECK_INVENTORY, ORDER_HOST, startRentals } from './rentals.ts';

const services = { front: 'order', callee: 'inventory' };

const circuit = slowCalleeDemo({
  ...services,
  title: 'a slow inventory, and who waits for it',
  call: CHECK_INVENTORY,
  circuit: { host: ORDER_HOST, subset: 'request' },
  // About one call in three takes longer than the timeout of 1 s.
  delayMs: [800, 1100],
  start: startRentals,
});

const decoupling = stoppedServiceDemo({
  ...services,
  title: 'totalview is stopped, rentals go on',
  stopped: 'totalview',
  effects: 'shown',
  start: async (environment) => {
    const rentals = await startRentals(environment);
    return { ...rentals, countEffects: rentals.countShown };
  },
});

/** The demonstrations of the rental service. */
export const demos: readonly Demo[] = [circuit, decoupling];

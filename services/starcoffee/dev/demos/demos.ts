import { slowCalleeDemo } from '../../../../dev/demos/blocks/slow-callee.ts';
import { stoppedServiceDemo } from '../../../../dev/demos/blocks/stopped-service.ts';
import type { Demo } from '../../../../dev/demos/demo.ts';
import { APPROVE_PAYMENT, countCompleted, ORDER_HOST, startOrders } from './orders.ts';

const services = { front: 'order', callee: 'payment' };

const circuit = slowCalleeDemo({
  ...services,
  title: 'a slow payment, and who waits for it',
  call: APPROVE_PAYMENT,
  circuit: { host: ORDER_HOST, subset: 'place' },
  // As in the original: about one call in twenty takes longer than the timeout of 610 ms.
  delayMs: [400, 620],
  users: 100,
  start: startOrders,
});

const decoupling = stoppedServiceDemo({
  ...services,
  title: 'make is stopped, orders go on',
  stopped: 'make',
  effects: 'completed',
  start: async (environment) => {
    const orders = await startOrders(environment);
    return { ...orders, countEffects: async () => await countCompleted(environment.edge, orders.userId) };
  },
});

/** The demonstrations of Starcoffee. */
export const demos: readonly Demo[] = [circuit, decoupling];

import { slowCalleeDemo } from '../../../../dev/demos/blocks/slow-callee.ts';
import { stoppedServiceDemo } from '../../../../dev/demos/blocks/stopped-service.ts';
import type { Demo } from '../../../../dev/demos/demo.ts';
import { APPROVE_PAYMENT, startOrders } from './orders.ts';

const ordering = { front: 'order', callee: 'payment', call: APPROVE_PAYMENT, start: startOrders };

/** The demonstrations of Starcoffee. */
export const demos: readonly Demo[] = [
  slowCalleeDemo({
    ...ordering,
    title: 'a slow payment, and who waits for it',
    circuit: { host: 'order.starcoffee.svc.cluster.local', subset: 'place' },
    // As in the original: about one call in twenty takes longer than the timeout of 610 ms.
    delayMs: [400, 620],
    users: 100,
  }),
  stoppedServiceDemo({ ...ordering, title: 'make is stopped, orders go on', stopped: 'make', effects: 'completed' }),
];

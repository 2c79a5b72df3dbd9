import { smallPoolDemo } from '../../../../dev/demos/blocks/small-pool.ts';
import { stoppedServiceDemo } from '../../../../dev/demos/blocks/stopped-service.ts';
import type { Demo } from '../../../../dev/demos/demo.ts';
import { startRentals, startReserves } from './members.ts';

const decoupling = stoppedServiceDemo({
  title: 'system is stopped, rentals are taken and checked later',
  front: 'rental',
  callee: 'system',
  stopped: 'system',
  effects: 'checked',
  start: startRentals,
});

/** The breaker of the original: one call at a time from the edge to system. */
const pool = smallPoolDemo({
  title: 'one reserve at a time, and a second user',
  front: 'system',
  callee: 'system',
  rule: { file: 'rentalbook/system.yaml', rule: 'system' },
  start: startReserves,
});

/** The demonstrations of Rental Book. */
export const demos: readonly Demo[] = [decoupling, pool];

import { failingReplicaDemo } from '../../../../dev/demos/blocks/failing-replica.ts';
import { passedDeadlineDemo } from '../../../../dev/demos/blocks/passed-deadline.ts';
import { resettingReplicaDemo } from '../../../../dev/demos/blocks/resetting-replica.ts';
import { slowCalleeDemo } from '../../../../dev/demos/blocks/slow-callee.ts';
import { smallPoolDemo } from '../../../../dev/demos/blocks/small-pool.ts';
import { stoppedServiceDemo } from '../../../../dev/demos/blocks/stopped-service.ts';
import type { Demo } from '../../../../dev/demos/demo.ts';
import { CHECK_STOCK, startHolds, startReservations } from './reservations.ts';

const reserving = { front: 'reservation', callee: 'car', call: CHECK_STOCK, takes: 'stock', start: startReservations };

/** The demonstrations of rent-a-car. */
export const demos: readonly Demo[] = [
  slowCalleeDemo({
    ...reserving,
    title: 'a slow car, and who waits for it',
    circuit: { host: 'reservation.rentcar.svc.cluster.local', subset: 'reserve' },
    // About one call in three takes longer than the timeout of 1 s.
    delayMs: [800, 1100],
  }),
  failingReplicaDemo({ ...reserving, title: 'one of two replicas is ill' }),
  resettingReplicaDemo({ ...reserving, title: 'answers get lost, cars do not' }),
  passedDeadlineDemo({
    ...reserving,
    title: 'no work for a caller who is gone',
    // Half of the calls take longer than the timeout of 1 s.
    delayMs: [600, 1400],
    startProbes: startHolds,
  }),
  stoppedServiceDemo({ ...reserving, title: 'rental is stopped, reservations go on', stopped: 'rental', effects: 'allocated' }),
  smallPoolDemo({
    ...reserving,
    title: 'one call at a time, and a second user',
    rule: { file: 'rentcar/reservation.yaml', rule: 'reservation', subset: 'reserve' },
  }),
];

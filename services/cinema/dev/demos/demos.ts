import { slowCalleeDemo } from '../../../../dev/demos/blocks/slow-callee.ts';
import { stoppedServiceDemo } from '../../../../dev/demos/blocks/stopped-service.ts';
import type { Demo } from '../../../../dev/demos/demo.ts';
import { COMPLETE_PAYMENT, startReservations } from './reservations.ts';

const reserving = { front: 'reservation', callee: 'payment', call: COMPLETE_PAYMENT, start: startReservations };

/** The demonstrations of Happy Cinema. */
export const demos: readonly Demo[] = [
  slowCalleeDemo({
    ...reserving,
    title: 'a slow payment, and who waits for it',
    circuit: { host: 'reservation.cinema.svc.cluster.local', subset: 'reserve' },
    // About half of the calls take longer than the timeout of 300 ms.
    delayMs: [200, 420],
  }),
  stoppedServiceDemo({ ...reserving, title: 'cinema is stopped, reservations go on', stopped: 'cinema', effects: 'booked' }),
];

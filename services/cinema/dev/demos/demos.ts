import { slowCalleeDemo } from '../../../../dev/demos/blocks/slow-callee.ts';
import { stoppedServiceDemo } from '../../../../dev/demos/blocks/stopped-service.ts';
import type { Demo } from '../../../../dev/demos/demo.ts';
import { COMPLETE_PAYMENT, RESERVATION_HOST, startReservations } from './reservations.ts';

const services = { front: 'reservation', callee: 'payment' };

const circuit = slowCalleeDemo({
  ...services,
  title: 'a slow payment, and who waits for it',
  call: COMPLETE_PAYMENT,
  circuit: { host: RESERVATION_HOST, subset: 'reserve' },
  // About half of the calls take longer than the timeout of 300 ms.
  delayMs: [200, 420],
  start: startReservations,
});

const decoupling = stoppedServiceDemo({
  ...services,
  title: 'cinema is stopped, reservations go on',
  stopped: 'cinema',
  effects: 'booked',
  start: async (environment) => {
    const reservations = await startReservations(environment);
    return { ...reservations, countEffects: reservations.countBookings };
  },
});

/** The demonstrations of Happy Cinema. */
export const demos: readonly Demo[] = [circuit, decoupling];

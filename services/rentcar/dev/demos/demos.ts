import { slowCalleeDemo } from '../../../../dev/demos/blocks/slow-callee.ts';
import { smallPoolDemo } from '../../../../dev/demos/blocks/small-pool.ts';
import { stoppedServiceDemo } from '../../../../dev/demos/blocks/stopped-service.ts';
import type { Demo } from '../../../../dev/demos/demo.ts';
import { EJECTION } from './ejection.ts';
import { CHECK_STOCK, countRentals, RESERVATION_HOST, startReservations } from './reservations.ts';
import { RETRIES } from './retries.ts';
import { TIMEOUT } from './timeout.ts';

const services = { front: 'reservation', callee: 'car' };

const circuit = slowCalleeDemo({
  ...services,
  title: 'a slow car, and who waits for it',
  call: CHECK_STOCK,
  circuit: { host: RESERVATION_HOST, subset: 'reserve' },
  // About one call in three takes longer than the timeout of 1 s.
  delayMs: [800, 1100],
  start: startReservations,
});

const decoupling = stoppedServiceDemo({
  ...services,
  title: 'rental is stopped, reservations go on',
  stopped: 'rental',
  effects: 'allocated',
  start: async (environment) => {
    const reservations = await startReservations(environment);
    return { ...reservations, countEffects: async () => await countRentals(environment.edge, reservations.userId) };
  },
});

const pool = smallPoolDemo({
  ...services,
  title: 'one call at a time, and a second user',
  rule: { file: 'rentcar/reservation.yaml', rule: 'reservation', subset: 'reserve' },
  start: startReservations,
});

/** The demonstrations of rent-a-car. */
export const demos: readonly Demo[] = [circuit, EJECTION, RETRIES, TIMEOUT, decoupling, pool];

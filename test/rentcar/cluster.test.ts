import { describe } from 'vitest';
import * as checks from '../cluster/support/checks.ts';
import { stockAddsUp } from '../resilience/support/resilience.ts';
import { patiently, registerCar } from '../support/rentcar.ts';

const rentcar: checks.ClusterSystem = {
  name: 'rentcar',
  work: async () => {
    const { carId } = await patiently(() => registerCar(1_000_000));
    return { path: '/rentcar/reservations', body: { carId, userId: 'LLL' } };
  },
  agrees: stockAddsUp,
};

describe('Rent-a-car on a cluster', () => {
  checks.isDeployed(rentcar);
  checks.updatesUnnoticed(
    rentcar,
    ['rentcar/reservation', 'rentcar/car', 'edge/edge'],
    [
      { users: 2, seconds: 180, pauseMs: 0 },
      { users: 100, seconds: 60, pauseMs: 4000 },
    ],
  );
  // The original had 100 users; at a bar of 15 % of 300m few are enough.
  checks.autoscales(rentcar, { name: 'reservation', maxReplicas: 5, users: 8 });
  checks.needsItsConfigMap(rentcar, 'rental');
  checks.restartsOnWrongLivenessPort(rentcar, 'rental');
});

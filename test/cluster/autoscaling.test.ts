import { afterAll, expect, it } from 'vitest';
import { load } from '../resilience/support/load.ts';
import { stockAddsUp } from '../resilience/support/resilience.ts';
import { eventually } from '../support/eventually.ts';
import { patiently, registerCar } from '../support/rentcar.ts';
import { kubectl, kubectlJson } from './support/command.ts';
import { applyFromOverlay } from './support/overlay.ts';
import { podsOf } from './support/pods.ts';

/** The original had 100; at a bar of 15 % of 300m few are enough. */
const USERS = 8;
const MEASURED_MS = 120_000;
const GROWN_MS = 180_000;
/** The stabilisation window of the overlay, the metrics' delay, and an orderly stop. */
const SHRUNK_MS = 300_000;

interface Autoscaler {
  readonly spec: { readonly minReplicas: number; readonly maxReplicas: number };
  readonly status: {
    readonly currentReplicas: number;
    readonly currentMetrics?:
      | readonly { readonly containerResource?: { readonly current: { readonly averageUtilization?: number } } }[]
      | null;
  };
}

const autoscaler = () => kubectlJson<Autoscaler>(['get', 'hpa', '-n', 'rentcar', 'reservation']);
const utilization = ({ status }: Autoscaler) => status.currentMetrics?.[0]?.containerResource?.current.averageUtilization;
const ready = async () => (await podsOf('rentcar', 'reservation')).filter((pod) => pod.ready && !pod.leaving).length;

afterAll(async () => {
  await kubectl(['delete', 'hpa', '-n', 'rentcar', 'reservation']);
  await kubectl(['scale', '-n', 'rentcar', 'deployment/reservation', '--replicas=1']);
});

it('load drives reservation from 1 to more replicas, up to 5, and its end back to 1', async () => {
  await applyFromOverlay(({ kind }) => kind === 'HorizontalPodAutoscaler');
  const idle = await eventually(
    'the autoscaler knows the CPU of reservation',
    async () => {
      const now = await autoscaler();
      expect(utilization(now)).toBeDefined();
      expect(now).toMatchObject({ spec: { minReplicas: 1, maxReplicas: 5 }, status: { currentReplicas: 1 } });
      return utilization(now);
    },
    MEASURED_MS,
  );
  console.log(`  idle: ${idle} % of the CPU request, 1 replica`);
  const { carId } = await patiently(() => registerCar(1_000_000));
  const begin = performance.now();
  const seconds = () => ((performance.now() - begin) / 1000).toFixed(0);
  const users = load(USERS, '/rentcar/reservations', { carId, userId: 'CCC' });
  try {
    const grown = await eventually(
      'there are more replicas, and they are ready',
      async () => {
        const now = await autoscaler();
        expect(await ready()).toBeGreaterThan(1);
        return now;
      },
      GROWN_MS,
    );
    console.log(`  ${USERS} users: ${utilization(grown)} %, ${await ready()} replicas ready after ${seconds()} s`);
  } finally {
    await users.end();
  }
  const ended = performance.now();
  await eventually('there is one replica again', async () => expect((await podsOf('rentcar', 'reservation')).length).toBe(1), SHRUNK_MS);
  console.log(`  1 replica again ${((performance.now() - ended) / 1000).toFixed(0)} s after the load`);
  await stockAddsUp();
});

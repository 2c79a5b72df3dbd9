import { describe, expect, it } from 'vitest';
import { stockAddsUp } from '../resilience/support/resilience.ts';
import { eventually } from '../support/eventually.ts';
import { patiently, registerCar, rentalBecomes, reserve } from '../support/rentcar.ts';
import { signalFromNode } from './support/node.ts';
import { type Pod, podsOf } from './support/pods.ts';
import { availability, figures } from './support/users.ts';

/** Three probes, five seconds apart, each of which may take five seconds, and the start of a process on a machine that is busy. */
const HEALED_MS = 120_000;

async function onlyPod(namespace: string, app: string): Promise<Pod> {
  const [pod, ...others] = (await podsOf(namespace, app)).filter(({ leaving }) => !leaving);
  if (pod === undefined || others.length > 0) throw new Error(`${app} has ${pod === undefined ? 0 : others.length + 1} pods`);
  return pod;
}

/** Waits until the container of a pod has been started again and is ready. @returns seconds from `since` */
async function restarted({ namespace, app, name, restarts }: Pod, since: number): Promise<number> {
  await eventually(
    `${name} is restarted`,
    async () => {
      const now = (await podsOf(namespace, app)).find((each) => each.name === name);
      expect(now).toMatchObject({ ready: true });
      expect(now?.restarts).toBeGreaterThan(restarts);
    },
    HEALED_MS,
  );
  return (performance.now() - since) / 1000;
}

describe('a process that hangs', () => {
  it('is restarted by its liveness probe, and does what came meanwhile', async () => {
    const pod = await onlyPod('rentcar', 'rental');
    const { carId } = await patiently(() => registerCar(1));
    signalFromNode(pod, 'SIGSTOP');
    const stopped = performance.now();
    const { reservationId } = await reserve({ carId });
    console.log(`  rental was well again after ${(await restarted(pod, stopped)).toFixed(0)} s`);
    await rentalBecomes(reservationId, 'ALLOCATED', HEALED_MS);
    await stockAddsUp();
  });
});

describe('processes that are killed under load', () => {
  it.each([
    ['rentcar', 'reservation'],
    ['rentcar', 'car'],
    ['kafka', 'kafka'],
    ['postgres', 'postgres'],
    ['mongo', 'mongo'],
  ])('in %s: %s comes back, and nothing is lost or sold twice', async (namespace, app) => {
    const { carId } = await patiently(() => registerCar(100_000));
    const pod = await onlyPod(namespace, app);
    const measured = await availability({ users: 8, seconds: 15 }, '/rentcar/reservations', { carId, userId: 'killed' }, async () => {
      await eventually('reservations are being made', async () => void (await reserve({ carId })));
      const killed = performance.now();
      signalFromNode(pod, 'SIGKILL');
      console.log(`  ${app} was ready again after ${(await restarted(pod, killed)).toFixed(0)} s`);
    });
    console.log(`  ${figures(measured)}`);
    for (const { status, body } of measured.failed) expect([status, body]).toEqual([503, expect.stringContaining('"code":14')]);
    await patiently(() => reserve({ carId }));
    await stockAddsUp();
  });
});

import { describe, expect, it } from 'vitest';
import type { Answer } from '../resilience/support/load.ts';
import { stockAddsUp } from '../resilience/support/resilience.ts';
import { patiently, registerCar } from '../support/rentcar.ts';
import { kubectl } from './support/command.ts';
import { availability, figures } from './support/users.ts';

const ROLLOUT_MS = 180_000;

/** What is replaced while users reserve: the service that they call, the one that it calls, and the door. */
const DEPLOYMENTS = [
  { namespace: 'rentcar', name: 'reservation' },
  { namespace: 'rentcar', name: 'car' },
  { namespace: 'edge', name: 'edge' },
];

async function replaceAll(): Promise<void> {
  const all = performance.now();
  for (const { namespace, name } of DEPLOYMENTS) {
    const begin = performance.now();
    await kubectl(['rollout', 'restart', '-n', namespace, `deployment/${name}`]);
    await kubectl(['rollout', 'status', '-n', namespace, `deployment/${name}`, `--timeout=${ROLLOUT_MS / 1000}s`], {
      limitMs: ROLLOUT_MS + 5000,
    });
    console.log(
      `  ${name} was replaced from second ${((begin - all) / 1000).toFixed(0)} to ${((performance.now() - all) / 1000).toFixed(0)}`,
    );
  }
}

const failure = ({ status, at, ms, body }: Answer) =>
  `${status} in second ${(at / 1000).toFixed(1)}, after ${ms.toFixed(0)} ms: ${body.slice(0, 200)}`;

describe('a rolling update of reservation, car and the edge', () => {
  it.each([
    { users: 2, seconds: 180, pauseMs: 0 },
    // 25 reservations a second: what one node of two processors answers beside the pods that start and stop.
    { users: 100, seconds: 60, pauseMs: 4000 },
  ])('is not noticed by $users users who reserve for $seconds s: availability 100 %', async (siege) => {
    const { carId } = await patiently(() => registerCar(100_000));
    const measured = await availability(siege, '/rentcar/reservations', { carId, userId: 'LLL' }, replaceAll);
    console.log(`  ${siege.users} users: ${figures(measured)}`);
    expect(measured.failed.map(failure)).toEqual([]);
    expect(measured.requests).toBeGreaterThan(siege.users);
    await stockAddsUp();
  });
});

import { describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure.ts';
import { qtyOf, registerCar, tryReserve } from '../support/rentcar.ts';
import { growth, outboundStats } from './support/envoy.ts';
import { changePolicy } from './support/policy.ts';
import { faultCheck, leavesEverythingAsItWas } from './support/resilience.ts';

leavesEverythingAsItWas();

/** More than the second that the route of CheckUpdateStock (the first of car's VirtualService) allows. */
const DELAY_MS = 1300;

const fault = (value: object) => changePolicy('rentcar/car.yaml', { kind: 'VirtualService', path: ['spec', 'http', 0, 'fault'], value });

/** Counts the tries that reservation's sidecar makes at car while something is done. */
async function callsToCar<T>(work: () => Promise<T>): Promise<{ calls: number; outcome: T }> {
  const before = await outboundStats('rentcar/reservation-1', 'car');
  const outcome = await work();
  return { calls: growth(before, await outboundStats('rentcar/reservation-1', 'car'), 'upstream_rq_total'), outcome };
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; outcome: T }> {
  const begin = performance.now();
  const outcome = await work();
  return { ms: performance.now() - begin, outcome };
}

describe('a fault of the policy, which acts in the sidecar of the caller', () => {
  it('delays before the timeout of the route begins: the call is slow, and succeeds', async () => {
    const { carId } = await registerCar(1);
    await fault({ delay: { fixedDelay: `${DELAY_MS}ms`, percentage: { value: 100 } } });
    const { ms, outcome } = await timed(() => tryReserve({ carId }));
    expect(outcome).toMatchObject({ status: 'RESERVED' });
    expect(ms).toBeGreaterThanOrEqual(DELAY_MS - 1);
  });

  it('aborts without asking car and without a retry', async () => {
    const { carId } = await registerCar(1);
    await fault({ abort: { grpcStatus: 'UNAVAILABLE', percentage: { value: 100 } } });
    const { calls, outcome } = await callsToCar(() => failureOf(tryReserve({ carId })));
    expect(outcome).toMatchObject({ code: 'UNAVAILABLE', httpStatus: 503, retryAfter: expect.any(String) });
    expect(calls).toBe(0);
    expect(await qtyOf(carId)).toBe(1);
  });
});

describe('a fault of car itself', () => {
  it('delays within the timeout of the route: the call fails when it ends', async () => {
    const { carId } = await registerCar(1);
    await faultCheck('car', { delayMsMin: DELAY_MS, delayMsMax: DELAY_MS });
    const { ms, outcome } = await timed(() => failureOf(tryReserve({ carId })));
    expect(outcome).toMatchObject({ code: 'UNAVAILABLE', reason: 'STOCK_UNCHECKED' });
    expect(ms).toBeGreaterThanOrEqual(999);
  });

  it('answers an error to every try, and the policy tries again', async () => {
    const { carId } = await registerCar(1);
    await faultCheck('car', { errorRate: 1 });
    const { calls, outcome } = await callsToCar(() => failureOf(tryReserve({ carId })));
    expect(outcome).toMatchObject({ code: 'UNAVAILABLE', reason: 'STOCK_UNCHECKED' });
    // The first try and the two retries of mesh/rentcar/car.yaml.
    expect(calls).toBe(3);
    expect(await qtyOf(carId)).toBe(1);
  });
});

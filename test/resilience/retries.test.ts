import { describe, expect, it } from 'vitest';
import { each, range } from '../support/eventually.ts';
import { Failure } from '../support/failure.ts';
import { qtyBecomes, qtyOf, type Reservation, registerCar, tryReserve, unique } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';
import { tested } from '../support/tested/index.ts';
import { growth, outboundStats } from './support/envoy.ts';
import { changePolicy } from './support/policy.ts';
import { faultCheck, leavesEverythingAsItWas, stockAddsUp } from './support/resilience.ts';

leavesEverythingAsItWas();

/** Retries of one call, and retries of all calls at once, that mesh/rentcar/car.yaml allows. */
const ATTEMPTS = 2;
const MAX_RETRIES = 32;

describe('retries', () => {
  it('hide a replica that does its work and then resets the stream: callers see success, and stock is taken once', async () => {
    const { carId } = await registerCar(1000);
    await tested.control.scale('car', 2);
    const before = await outboundStats('rentcar/reservation-1', 'car');
    await faultCheck('rentcar/car-2', { resetRate: 1 });
    const made = await each(range(200), 8, () => tryReserve({ carId }));
    expect(made.map(({ status }) => status)).toEqual(Array(200).fill('RESERVED'));
    expect(await qtyOf(carId)).toBe(800);
    const after = await outboundStats('rentcar/reservation-1', 'car');
    expect(growth(before, after, 'upstream_rq_retry'), 'retries').toBeGreaterThan(0);
    await stockAddsUp();
  });

  it('add no more load than the policy allows: so many for a call, and so many at once', async () => {
    const calls = 100;
    const { carId } = await registerCar(calls);
    const userId = unique('user');
    // Ejection ends the load sooner than the budget would: without it the budget is seen alone.
    await changePolicy('rentcar/car.yaml', {
      kind: 'DestinationRule',
      path: ['spec', 'trafficPolicy', 'outlierDetection'],
      value: undefined,
    });
    // Every try takes so long that all calls fail for the first time before a retry has ended.
    await faultCheck('car', { errorRate: 1, delayMsMin: 250, delayMsMax: 250 });
    const before = await outboundStats('rentcar/reservation-1', 'car');
    const outcomes = await each(range(calls), calls, () => tryReserve({ carId, userId }).catch((error: unknown) => error));
    for (const outcome of outcomes) expect(outcome).toBeInstanceOf(Failure);
    const after = await outboundStats('rentcar/reservation-1', 'car');
    const tries = growth(before, after, 'upstream_rq_total');
    const retries = growth(before, after, 'upstream_rq_retry');
    const overflows = growth(before, after, 'upstream_rq_retry_overflow');
    const measured = `${calls} calls made ${tries} tries at car: ${retries} retries, ${overflows} refused by the limit on retries`;
    console.log(`  ${measured}`);
    expect(tries, measured).toBe(calls + retries);
    expect(overflows, measured).toBeGreaterThan(0);
    expect(retries, measured).toBeGreaterThan(0);
    expect(retries, measured).toBeLessThanOrEqual(ATTEMPTS * MAX_RETRIES);
    // Each of them reached car, also those whose retry was refused: what car may have done for them is undone.
    const stored = await listAll<Reservation>('/rentcar/reservations', 'reservations', { user_id: userId });
    expect(stored.map(({ status }) => status)).toEqual(Array(calls).fill('REJECTED'));
    await faultCheck('car', {});
    await qtyBecomes(carId, calls);
    await stockAddsUp();
  });
});

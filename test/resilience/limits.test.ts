import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { patiently, qtyOf, registerCar } from '../support/rentcar.ts';
import { type Answer, load } from './support/load.ts';
import { changePolicy } from './support/policy.ts';
import { leavesEverythingAsItWas } from './support/resilience.ts';

leavesEverythingAsItWas();

/** The book rental's circuit breaker: one call may wait for a connection, and each connection is for one call. */
async function allowOneAtATime(): Promise<void> {
  const http = ['spec', 'trafficPolicy', 'connectionPool', 'http'];
  await changePolicy(
    'rentcar/car.yaml',
    { kind: 'DestinationRule', path: [...http, 'http1MaxPendingRequests'], value: 1 },
    { kind: 'DestinationRule', path: [...http, 'maxRequestsPerConnection'], value: 1 },
  );
}

const CALLS = 300;

/** Lets users look at a car until there are so many answers, or one that is no success and one that is. */
async function look(users: number): Promise<Answer[]> {
  const { carId } = await registerCar(1);
  await allowOneAtATime();
  await patiently(() => qtyOf(carId));
  const looking = load(users, `/rentcar/cars/${carId}`);
  try {
    await eventually(
      'enough answers',
      () => {
        const outcomes = new Set(looking.answers.map(({ status }) => status === 200));
        if (outcomes.size < 2) expect(looking.answers.length).toBeGreaterThanOrEqual(CALLS);
      },
      60_000,
    );
  } finally {
    await looking.end();
  }
  return [...looking.answers];
}

describe('with http1MaxPendingRequests 1 and maxRequestsPerConnection 1', () => {
  it('one user is always served', async () => {
    const answers = await look(1);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.length).toBeGreaterThanOrEqual(CALLS);
  });

  it('of several users at once some are refused, and told when to come back', async () => {
    const answers = await look(8);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length, `refused of ${answers.length}`).toBeGreaterThan(0);
    expect(answers.length, 'answers').toBeGreaterThan(refused.length);
    for (const answer of refused) expect(answer).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
  });
});

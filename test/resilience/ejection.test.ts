import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { registerCar } from '../support/rentcar.ts';
import { tested } from '../support/tested/index.ts';
import { type Host, hostOf, isLeftAlone } from './support/envoy.ts';
import { type Answer, type Load, load } from './support/load.ts';
import { faultCheck, leavesEverythingAsItWas, stockAddsUp } from './support/resilience.ts';

leavesEverythingAsItWas();

const USERS = 8;
/** So many more answers show that nobody sees an error any more. */
const MORE = 300;

/** A replica of car as reservation, which calls it, sees it. */
const seen = (replica: string): Promise<Host> => hostOf('rentcar/reservation-1', replica);

async function reservationsUnderWay(): Promise<Load> {
  const { carId } = await registerCar(100_000);
  return load(USERS, '/rentcar/reservations', { carId, userId: 'ejection' });
}

const failed = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 200);

/** Waits for the answers to more calls of the users, made from now on, and returns those. */
async function more(users: Load): Promise<readonly Answer[]> {
  const now = performance.now();
  const later = () => users.answers.filter(({ at, ms }) => at - ms > now);
  await eventually(`${MORE} more answers`, () => expect(later().length).toBeGreaterThanOrEqual(MORE), 60_000);
  return later();
}

/** Waits until reservation calls a replica again, and gets good answers. */
async function isCalledAgain(replica: string): Promise<void> {
  const { successes } = await seen(replica);
  await eventually(`${replica} is called again`, async () => {
    expect((await seen(replica)).successes).toBeGreaterThan(successes + 20);
    expect((await seen(replica)).ejected).toBe(false);
  });
}

describe('of two replicas of car', () => {
  it('one that answers UNAVAILABLE is ejected, no caller sees an error after that, and it returns by itself', async () => {
    await tested.control.scale('car', 2);
    const users = await reservationsUnderWay();
    try {
      await isCalledAgain('rentcar/car-2');
      await faultCheck('rentcar/car-2', { errorRate: 1 });
      await eventually('car-2 is ejected', async () => expect((await seen('rentcar/car-2')).ejected).toBe(true));
      const answers = await more(users);
      expect(failed(answers), 'answers after the ejection').toEqual([]);
      expect((await seen('rentcar/car-1')).ejected, 'the replica that is well').toBe(false);
      await faultCheck('rentcar/car-2', {});
      await isCalledAgain('rentcar/car-2');
    } finally {
      await users.end();
    }
    await stockAddsUp();
  });

  it('one that is killed is left alone, no caller sees an error after that, and it returns by itself', async () => {
    await tested.control.scale('car', 2);
    const users = await reservationsUnderWay();
    try {
      await isCalledAgain('rentcar/car-2');
      const restarts = async () => (await tested.control.status()).processes.find(({ name }) => name === 'rentcar/car-2')?.restarts;
      const before = (await restarts()) ?? 0;
      await tested.control.kill('rentcar/car-2', 'SIGKILL');
      await eventually('car-2 is left alone', async () => expect(await isLeftAlone('rentcar/reservation-1', 'rentcar/car-2')).toBe(true));
      expect(failed(await more(users)), 'answers after the ejection').toEqual([]);
      await eventually('car-2 was started again', async () => expect(await restarts()).toBe(before + 1));
      await isCalledAgain('rentcar/car-2');
    } finally {
      await users.end();
    }
    await stockAddsUp();
  });
});

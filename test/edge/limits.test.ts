import { expect, it } from 'vitest';
import { editPolicy, restoring, untilEverywhere } from '../mesh/support/policy.ts';
import { eventually, range } from '../support/eventually.ts';
import { Failure } from '../support/failure.ts';
import { whilePaused } from '../support/paused.ts';
import { qtyBecomes, type Reservation, registerCar, reserve, tryReserve, unique } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';

const [CAR, RESERVATION] = ['rentcar/car.yaml', 'rentcar/reservation.yaml'];

/** Calls at once, of which the policies (http2MaxRequests) let `LIMIT` through. */
const [RUSH, LIMIT] = [300, 256];

it('calls beyond what the mesh lets through at once are refused and told when to try again, and no stock is lost by it', async () => {
  const { carId } = await registerCar(RUSH);
  const userId = unique('user');
  const refusals: Failure[] = [];
  const answers = await withLongTimeouts(() =>
    whilePaused(carId, async (taken) => {
      const calls = range(RUSH).map(() =>
        tryReserve({ carId, userId }).catch((error: unknown) => {
          if (!(error instanceof Failure)) throw error;
          refusals.push(error);
          return undefined;
        }),
      );
      // Settled together below; until then a failure is not left without somebody who awaits it.
      const settled = Promise.allSettled(calls);
      await eventually('every call is refused or has taken its stock', async () =>
        expect({ refused: refusals.length, taken: await taken() }).toEqual({ refused: RUSH - LIMIT, taken: LIMIT }),
      );
      return { settled };
    }).then(({ settled }) => settled),
  );
  const told = {
    code: 'UNAVAILABLE',
    reason: 'OVERLOADED',
    httpStatus: 503,
    domain: expect.stringMatching(/^(rentcar\.)?rentmesh$/),
    retryAfter: expect.any(String),
    retrySeconds: expect.any(Number),
  };
  for (const refusal of refusals) expect(refusal).toMatchObject(told);

  const reserved = answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value.reservationId] : []));
  expect(reserved).toHaveLength(LIMIT);
  const listed = await listAll<Reservation>('/rentcar/reservations', 'reservations', { user_id: userId, status: 'RESERVED' });
  expect(listed.map(({ reservationId }) => reservationId).toSorted()).toEqual(reserved.toSorted());
  await qtyBecomes(carId, RUSH - LIMIT);
  await reserve({ carId });
  await qtyBecomes(carId, RUSH - LIMIT - 1);
});

/** Runs work with timeouts that let the calls of a rush be under way together, however slow the machine is. */
async function withLongTimeouts<T>(work: () => Promise<T>): Promise<T> {
  return await restoring(CAR, () =>
    restoring(RESERVATION, async () => {
      editPolicy(RESERVATION, (text) => text.replaceAll('timeout: 5s', 'timeout: 35s'));
      editPolicy(CAR, (text) => text.replace('timeout: 1s', 'timeout: 31s'));
      await untilEverywhere((config) => config.includes('"31s"'));
      return await work();
    }),
  );
}

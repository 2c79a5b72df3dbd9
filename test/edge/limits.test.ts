import { expect, it } from 'vitest';
import { whileLocked } from '../support/database.ts';
import { each, range } from '../support/eventually.ts';
import { Failure } from '../support/failure.ts';
import { qtyBecomes, type Reservation, registerCar, reserve, tryReserve, unique } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';

/** More than the 256 calls at once that mesh/rentcar/*.yaml lets through. */
const RUSH = 300;

it('calls beyond what the mesh lets through at once are refused and told when to try again, and no stock is lost by it', async () => {
  const { carId } = await registerCar(5);
  const userId = unique('user');
  const outcomes = await whileLocked(carId, () =>
    each(range(RUSH), RUSH, () => tryReserve({ carId, userId }).catch((error: unknown) => error)),
  );
  const failures = outcomes.filter((outcome) => outcome instanceof Failure);
  expect(failures).toHaveLength(RUSH);
  const told = {
    code: 'UNAVAILABLE',
    httpStatus: 503,
    domain: expect.stringMatching(/^(rentcar\.)?rentmesh$/),
    retryAfter: expect.any(String),
    retrySeconds: expect.any(Number),
  };
  for (const failure of failures) expect(failure).toMatchObject(told);
  const reasons = Map.groupBy(failures, ({ reason }) => reason);
  expect(reasons.get('OVERLOADED')?.length, JSON.stringify([...reasons.keys()])).toBeGreaterThanOrEqual(RUSH - 256);

  await qtyBecomes(carId, 5);
  expect(await listAll<Reservation>('/rentcar/reservations', 'reservations', { user_id: userId, status: 'RESERVED' })).toEqual([]);
  await reserve({ carId });
  await qtyBecomes(carId, 4);
});

import { Failpoint, Failpoint_Action } from '#proto/rentmesh/fault/v1/fault.ts';
import { onDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { tested } from './tested/index.ts';

/**
 * Runs work while calls of CheckUpdateStock stay in car: each takes its stock and then pauses, until the work ends.
 *
 * @param work receives a function that returns how many calls have taken stock of the car
 * @param pauseMs the longest pause, for a replica that ends meanwhile and cannot be told to go on
 */
export async function whilePaused<T>(carId: string, work: (taken: () => Promise<number>) => Promise<T>, pauseMs = 60_000): Promise<T> {
  const failpoint = Failpoint.fromPartial({ name: 'effect.applied', action: Failpoint_Action.PAUSE, pauseMs, count: 1000 });
  await tested.setFaults('car', { failpoints: [failpoint] });
  try {
    return await work(async () => {
      return await onDatabase('rentcar_car', async (client) => {
        const { rows } = await client.query<{ taken: number }>('select count(*)::int as taken from holds where car_id = $1', [carId]);
        return rows[0]?.taken ?? 0;
      });
    });
  } finally {
    await eventually('no replica of car pauses', () => tested.setFaults('car', {}));
  }
}

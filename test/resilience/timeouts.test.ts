import { constants, createServer, type IncomingHttpHeaders } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { onDatabase, whileLocked } from '../support/database.ts';
import { reservations } from '../support/doors.ts';
import { eventually } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { podService } from '../support/instance.ts';
import { qtyOf, type Reservation, registerCar, reserve, tryReserve, unique } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';
import { tested } from '../support/tested/index.ts';
import { faultCheck, leavesEverythingAsItWas } from './support/resilience.ts';

leavesEverythingAsItWas();

/** What the route of CheckUpdateStock in mesh/rentcar/car.yaml allows for all tries together. */
const TIMEOUT_MS = 1000;

const UNAVAILABLE = { code: 'UNAVAILABLE', reason: 'STOCK_UNCHECKED', httpStatus: 503, retryAfter: expect.stringMatching(/^\d+$/) };

/** What car has done for a car: its version, which grows with each change of stock, and the states of its holds. */
async function workOn(carId: string): Promise<{ version: number; holds: string[] }> {
  return await onDatabase('rentcar_car', async (client) => {
    const { rows } = await client.query<{ version: number }>('select version::int from cars where car_id = $1', [carId]);
    const holds = await client.query<{ state: string }>('select state from holds where car_id = $1', [carId]);
    return { version: rows[0]?.version ?? 0, holds: holds.rows.map(({ state }) => state) };
  });
}

/** Car as it is when a release has arrived, and nothing was ever taken. */
const NOTHING_TAKEN = { version: 1, holds: ['RELEASED'] };

describe('a deadline', () => {
  /** The header that tells car how long its caller waits, in milliseconds. */
  function timeoutOf(headers: IncomingHttpHeaders): number {
    const [, amount, unit = ''] = /^(\d+)([HMSmun])$/.exec(String(headers['grpc-timeout'])) ?? [];
    return Number(amount) * ({ S: 1000, m: 1, u: 1e-3, n: 1e-6 }[unit] ?? Number.NaN);
  }

  // Somebody else in the place of car's process, behind its sidecar, cannot be had on Kubernetes.
  it.runIf(tested.name === 'laptop')('reaches car: the one that the policy sets, or the shorter one of the caller', async () => {
    const { carId } = await registerCar(1);
    const heard: IncomingHttpHeaders[] = [];
    // In the place of car, behind car's sidecar: it listens, and gives no answer.
    const listener = createServer().on('stream', (stream, headers) => {
      // The caller ends each call by a reset.
      stream.on('error', () => undefined);
      if (String(headers[constants.HTTP2_HEADER_PATH]).endsWith('/CheckUpdateStock')) heard.push(headers);
      else stream.close();
    });
    const [host, port] = podService('rentcar/car-1').split(':');
    await tested.control.stop('rentcar/car-1');
    try {
      await new Promise<void>((resolve) => listener.listen(Number(port), host, resolve));
      const ask = async (deadlineMs: number) => {
        heard.length = 0;
        await eventually('car is asked', async () => {
          await failureOf(reservations.reserveCar({ carId, userId: unique('user') }, { deadlineMs }));
          // An open circuit, left by a test before, asks nobody.
          expect(heard.length).toBeGreaterThan(0);
        });
        return timeoutOf(heard[0] ?? {});
      };
      expect(await ask(20_000)).toBeLessThanOrEqual(TIMEOUT_MS);
      const short = await ask(600);
      expect(short).toBeGreaterThan(0);
      expect(short).toBeLessThanOrEqual(600);
    } finally {
      listener.close();
      await tested.control.start('rentcar/car-1');
    }
  });

  it('ends a call to a slow car, whose handler then never runs, and no stock is taken', async () => {
    const { carId } = await registerCar(3);
    const delayMs = 1.5 * TIMEOUT_MS;
    await faultCheck('car', { delayMsMin: delayMs, delayMsMax: delayMs });
    expect(await failureOf(tryReserve({ carId }))).toMatchObject(UNAVAILABLE);
    await eventually('car knows that the caller has given up', async () => expect(await workOn(carId)).toEqual(NOTHING_TAKEN));
    // By now the handler would have run.
    await sleep(delayMs);
    expect(await workOn(carId)).toEqual(NOTHING_TAKEN);
    expect(await qtyOf(carId)).toBe(3);
  });

  it('is longer than car waits for a lock: car reports that nothing was done, and nothing is stored', async () => {
    const { carId } = await registerCar(3);
    const userId = unique('user');
    await whileLocked(carId, async (waiting) => {
      const failure = failureOf(tryReserve({ carId, userId }));
      await eventually('car waits for the lock', async () => expect(await waiting()).toBe(1));
      expect(await failure).toMatchObject(UNAVAILABLE);
    });
    expect(await listAll<Reservation>('/rentcar/reservations', 'reservations', { user_id: userId })).toEqual([]);
    expect(await workOn(carId)).toEqual({ version: 1, holds: [] });
    await reserve({ carId });
    expect(await qtyOf(carId)).toBe(2);
  });
});

import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { Play_Outcome } from '#proto/rentmesh/observer/v1/observer.ts';
import { eventually } from '../support/eventually.ts';
import { control } from '../support/instance.ts';
import { registerCar, reserve } from '../support/rentcar.ts';
import { get } from '../support/rest.ts';
import { carNames, expectNoFaults, mesh, observer, refusalOf } from './support/observer.ts';
import { editPolicy, restoring } from './support/policy.ts';

const PATIENCE_MS = 60_000;

/** Whatever a test has begun is over, and everything is as it was. */
afterEach(async () => {
  await observer.stopDemonstration();
  expect(await carNames()).toEqual(['rentcar/car-1']);
  await expectNoFaults();
});

describe('the observer', () => {
  it('sends the state of the mesh at once and then again and again, with the calls that are made', async () => {
    const { carId } = await registerCar(1000);
    const counted = { edge: 0, reservation: 0 };
    const limit = Date.now() + PATIENCE_MS;
    for await (const { workloads, calls, seconds } of mesh()) {
      expect(seconds).toBeGreaterThan(0);
      expect(workloads.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['edge', 'rentcar/reservation', 'rentcar/car', 'rentmesh/observer']),
      );
      const of = (caller: string, callee: string) =>
        calls.find((call) => call.caller === caller && call.callee === callee && call.calls > 0);
      counted.edge += of('edge', 'rentcar/reservation')?.successes ?? 0;
      counted.reservation += of('rentcar/reservation', 'rentcar/car')?.successes ?? 0;
      if (counted.edge > 5 && counted.reservation > 5) break;
      expect(Date.now(), `not told of the calls in time: ${JSON.stringify(counted)}`).toBeLessThan(limit);
      for (let i = 0; i < 5; i++) await reserve({ carId });
    }
  });

  it('names the methods whose calls go to a subset, so that each can be explained', async () => {
    for await (const { calls } of mesh()) {
      const reserving = calls.find(({ caller, subset }) => caller === 'edge' && subset === 'reserve');
      expect(reserving?.methods).toEqual(['rentcar.reservation.v1.ReservationService/ReserveCar']);
      break;
    }
  });

  it('explains a call with the lines that decide it', async () => {
    const explained = await get<{ sections: { statements: { places: { file: string; line: number; excerpt: string }[] }[] }[] }>(
      '/mesh:explain?caller=rentcar%2Freservation&method=rentcar.car.v1.CarService/CheckUpdateStock',
    );
    const places = explained.sections.flatMap(({ statements }) => statements.flatMap((statement) => statement.places));
    expect(places.find(({ excerpt }) => excerpt.endsWith('timeout: 1s'))).toMatchObject({
      file: expect.stringMatching(/rentcar\/car\.yaml$/),
      excerpt: expect.stringMatching(/^# /),
    });
  });

  it('names what it does not know', async () => {
    expect(await refusalOf(observer.explainCall('nobody', 'rentcar.car.v1.CarService/GetCar'))).toEqual([
      status.NOT_FOUND,
      'CALL_NOT_FOUND',
    ]);
    expect(await refusalOf(observer.explainCall('edge', 'rentcar.car.v1.CarService/Nothing'))).toEqual([
      status.NOT_FOUND,
      'CALL_NOT_FOUND',
    ]);
    expect(await refusalOf(observer.playDemonstration('nothing'))).toEqual([status.NOT_FOUND, 'DEMONSTRATION_NOT_FOUND']);
  });

  it('says that the policy files have an error instead of explaining what does not hold', async () => {
    await restoring('rentcar/car.yaml', async () => {
      editPolicy('rentcar/car.yaml', (text) => text.replace('timeout: 1s', 'timeout: soon'));
      const call = () => observer.explainCall('edge', 'rentcar.car.v1.CarService/GetCar');
      expect(await refusalOf(call())).toEqual([status.FAILED_PRECONDITION, 'POLICY_DEFECT']);
    });
  });

  it('plays one demonstration at a time, and stops it when it is told to', async () => {
    await observer.playDemonstration('ejection');
    expect(await refusalOf(observer.playDemonstration('circuit'))).toEqual([status.FAILED_PRECONDITION, 'DEMONSTRATION_RUNNING']);
    await eventually(
      'car has a second replica, and a fault',
      async () => {
        expect(await carNames()).toEqual(['rentcar/car-1', 'rentcar/car-2']);
        await expect(expectNoFaults()).rejects.toThrow();
      },
      PATIENCE_MS,
    );
    expect((await observer.stopDemonstration())?.outcome).toBe(Play_Outcome.CUT_SHORT);
  });

  it('restores what it has changed when it is killed in the middle of a demonstration', async () => {
    await observer.playDemonstration('ejection');
    await eventually('a fault is set', async () => await expect(expectNoFaults()).rejects.toThrow(), PATIENCE_MS);
    await control.kill('rentmesh/observer-1');
    await eventually(
      'everything is as it was',
      async () => {
        expect(await carNames()).toEqual(['rentcar/car-1']);
        await expectNoFaults();
      },
      PATIENCE_MS,
    );
    await control.start('rentmesh/observer-1');
  });
});

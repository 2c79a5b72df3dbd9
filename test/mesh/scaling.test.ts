import { afterAll, describe, expect, it } from 'vitest';
import { command } from '../support/command.ts';
import { eventually, range } from '../support/eventually.ts';
import { control, podAddress } from '../support/instance.ts';
import { whilePaused } from '../support/paused.ts';
import { qtyOf, registerCar, tryReserve } from '../support/rentcar.ts';
import { failures, underLoad } from './support/load.ts';
import { admin, editPolicy, envoys, restoring, untilEverywhere } from './support/policy.ts';

/** The calls that the edge has made to each replica of car since its endpoints last changed. */
async function callsByReplica(): Promise<Record<string, number>> {
  const edge = envoys.find(({ name }) => name === 'edge');
  if (edge === undefined) throw new Error('there is no edge');
  const lines = (await admin(edge, '/clusters')).split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, address = '', calls = ''] = /\|car\.rentcar\.svc\.cluster\.local::([\d.]+):50051::rq_total::(\d+)$/.exec(line) ?? [];
      return address === '' ? [] : [[address, Number(calls)]];
    }),
  );
}

/** The processes of car's replicas. */
async function names(): Promise<string[]> {
  return (await control.status()).processes.map(({ name }) => name).filter((name) => name.startsWith('rentcar/car-'));
}

describe('npm run service -- scale', () => {
  afterAll(() => control.scale('car', 1));

  it('starts a replica that takes its share of the calls, and stops it again, and no call fails of either', async () => {
    const { carId } = await registerCar(100_000);
    const outcomes = await underLoad(
      50,
      (number) => (number % 4 === 0 ? tryReserve({ carId }) : qtyOf(carId)),
      async () => {
        const out = await command('service', 'scale', 'car', '2');
        expect(out, out.output).toMatchObject({ code: 0, output: expect.stringContaining('car has 2 replicas') });
        expect(await names()).toEqual(['rentcar/car-1-sidecar', 'rentcar/car-2-sidecar', 'rentcar/car-1', 'rentcar/car-2']);
        expect((await command('status')).output).toMatch(new RegExp(`car-2\\s+${podAddress('rentcar/car-2')}:50052\\s.*ready`));
        await eventually('both replicas take calls', async () => {
          const calls = await callsByReplica();
          expect(Object.keys(calls).toSorted()).toEqual([podAddress('rentcar/car-1'), podAddress('rentcar/car-2')]);
          for (const count of Object.values(calls)) expect(count).toBeGreaterThan(5);
        });
        await control.scale('car', 1);
        expect(await names()).toEqual(['rentcar/car-1-sidecar', 'rentcar/car-1']);
        expect(Object.keys(await callsByReplica())).toEqual([podAddress('rentcar/car-1')]);
      },
    );
    expect(failures(outcomes)).toEqual([]);
  });

  it('waits for the calls that a replica has when it leaves', async () => {
    const { carId } = await registerCar(10);
    await control.scale('car', 2);
    await restoring('rentcar/car.yaml', async () => {
      // Enough time to stay under way meanwhile.
      editPolicy('rentcar/car.yaml', (text) => text.replace('timeout: 1s', 'timeout: 31s'));
      await untilEverywhere((config) => config.includes('"31s"'));
      const { scaled, outcomes } = await whilePaused(
        carId,
        async (taken) => {
          const outcomes = Promise.allSettled(range(6).map(() => tryReserve({ carId })));
          await eventually('the calls have taken their stock', async () => expect(await taken()).toBe(6));
          const scaled = control.scale('car', 1);
          await eventually('no new call goes to the replica that leaves', async () =>
            expect(Object.keys(await callsByReplica())).toEqual([podAddress('rentcar/car-1')]),
          );
          expect(await names(), 'it waits for its calls').toContain('rentcar/car-2');
          // Wrapped, because what is still running is not to be awaited here.
          return { scaled, outcomes };
        },
        8000,
      );
      for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'fulfilled' });
      await scaled;
    });
    expect(await names()).toEqual(['rentcar/car-1-sidecar', 'rentcar/car-1']);
    expect(await qtyOf(carId)).toBe(4);
  });

  it('says in a sentence what cannot be', async () => {
    for (const [args, text] of [
      [['bus', '2'], 'There is no service "bus"'],
      [['car', '0'], 'A service has from 1 to 20 replicas, not 0'],
    ] as const) {
      const { code, output } = await command('service', 'scale', ...args);
      expect(code).toBe(1);
      expect(output).toContain(text);
      expect(output).not.toMatch(/\n\s+at /);
    }
    expect(await command('service', 'scale', 'car')).toMatchObject({ code: 2, output: expect.stringContaining('usage') });
  });
});

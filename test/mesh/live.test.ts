import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { command } from '../support/command.ts';
import { onDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { control } from '../support/instance.ts';
import { whilePaused } from '../support/paused.ts';
import { qtyOf, registerCar, reserve, tryReserve } from '../support/rentcar.ts';
import { failures, underLoad } from './support/load.ts';
import { configOf, editPolicy, envoys, policyFile, restoring, untilEverywhere } from './support/policy.ts';

const CAR = 'rentcar/car.yaml';

/** Requests a second: three look at a car for each one that reserves it, so that all kinds of routes and clusters are in use. */
const RATE = 50;

async function carUnderLoad(work: () => Promise<void>) {
  const { carId } = await registerCar(100_000);
  const outcomes = await underLoad(RATE, (number) => (number % 4 === 0 ? tryReserve({ carId }) : qtyOf(carId)), work);
  expect(outcomes.length).toBeGreaterThan(RATE);
  expect(failures(outcomes)).toEqual([]);
}

/** The policies as the supervisor sees them, when it has read them after `since`. */
async function statusAfter(since: number) {
  return await eventually('the supervisor has read the policies', async () => {
    const { policy } = await control.status();
    if (policy === undefined || Date.parse(policy.at) < since) throw new Error(`last read: ${policy?.at}`);
    return policy;
  });
}

describe('a policy that is saved while the system runs', () => {
  it('takes effect in every sidecar: the timeouts of a VirtualService, and no request fails of it', async () => {
    await restoring(CAR, () =>
      carUnderLoad(async () => {
        for (const [from, to] of [
          ['timeout: 2s', 'timeout: 21s'],
          ['timeout: 21s', 'timeout: 22s'],
          ['timeout: 22s', 'timeout: 23s'],
        ] as const) {
          editPolicy(CAR, (text) => text.replace(from, to));
          await untilEverywhere((config) => config.includes(`"${to.slice('timeout: '.length)}"`));
        }
      }),
    );
  });

  it('takes effect in every sidecar: the limits of a DestinationRule, and no request fails of it', async () => {
    await restoring(CAR, () =>
      carUnderLoad(async () => {
        for (const [before, limit] of [
          [64, 71],
          [71, 72],
          [72, 73],
        ]) {
          editPolicy(CAR, (text) => text.replace(`maxConnections: ${before}`, `maxConnections: ${limit}`));
          await untilEverywhere((config) => config.includes(`"max_connections": ${limit},`));
        }
      }),
    );
  });

  it('may bring clusters and the routes to them together, and take them away, and no request fails of it', async () => {
    const isRouted = (config: string) => config.includes('"cluster": "outbound|50051|first|car.rentcar.svc.cluster.local"');
    const original = readFileSync(policyFile(CAR), 'utf8');
    const withSubset = original
      .replace(
        '  host: car.rentcar.svc.cluster.local\n',
        '  host: car.rentcar.svc.cluster.local\n  subsets: [{ name: first, labels: { version: v1 } }]\n',
      )
      .replaceAll('{ host: car.rentcar.svc.cluster.local }', '{ host: car.rentcar.svc.cluster.local, subset: first }');
    await restoring(CAR, () =>
      carUnderLoad(async () => {
        for (const _ of [1, 2, 3]) {
          writeFileSync(policyFile(CAR), withSubset);
          await untilEverywhere(isRouted);
          writeFileSync(policyFile(CAR), original);
          await untilEverywhere((config) => !isRouted(config));
        }
      }),
    );
  });

  it('is what callers meet: a shorter timeout ends a call that waits longer', async () => {
    const { carId } = await registerCar(1);
    await restoring(CAR, async () => {
      editPolicy(CAR, (text) => text.replace('timeout: 2s', 'timeout: 300ms'));
      await untilEverywhere((config) => config.includes('"0.300s"'));
      const begun = performance.now();
      await onDatabase('rentcar_car', async (client) => {
        await client.query('begin');
        await client.query('lock table cars in access exclusive mode');
        // The table stays locked until the call has ended, so only the timeout can end it.
        expect(await failureOf(qtyOf(carId))).toMatchObject({ code: expect.stringMatching(/^(UNAVAILABLE|DEADLINE_EXCEEDED)$/) });
        expect(performance.now() - begun).toBeGreaterThan(290);
        await client.query('rollback');
      });
    });
  });

  it('does not cut off a call that is under way when its cluster is replaced', async () => {
    const { carId } = await registerCar(5);
    await restoring(CAR, async () => {
      // Enough time to stay under way while the change comes.
      editPolicy(CAR, (text) => text.replace('timeout: 1s', 'timeout: 31s'));
      await untilEverywhere((config) => config.includes('"31s"'));
      const calls = await whilePaused(carId, async (taken) => {
        const started = [1, 2, 3].map(() => tryReserve({ carId }));
        // Settled together below; until then a failure is not left without somebody who awaits it.
        const outcomes = Promise.allSettled(started);
        await eventually('the calls have taken their stock', async () => expect(await taken()).toBe(3));
        editPolicy(CAR, (text) => text.replace('maxConnections: 64', 'maxConnections: 74'));
        await untilEverywhere((config) => config.includes('"max_connections": 74,'));
        return { outcomes };
      });
      for (const outcome of await calls.outcomes) expect(outcome).toMatchObject({ status: 'fulfilled' });
    });
    expect(await qtyOf(carId)).toBe(2);
  });
});

describe('a policy file with an error', () => {
  it('changes nothing, is told of with file and line, and is forgotten when the file is mended', async () => {
    await restoring(CAR, async () => {
      const before = await Promise.all(envoys.map(configOf));
      await carUnderLoad(async () => {
        const saved = Date.now();
        // Two changes in one file, of which one is fine: neither may come into force.
        editPolicy(CAR, (text) => text.replace('timeout: 2s', 'timeout: 41s').replace('maxConnections: 64', 'maxConections: 64'));
        const policy = await statusAfter(saved);
        expect(policy).toMatchObject({ ok: false, error: expect.stringMatching(/rentcar\/car\.yaml:\d+: .*maxConections/) });
        expect((await command('status')).output).toMatch(/car\.yaml:\d+: .*maxConections/);
      });
      expect(await Promise.all(envoys.map(configOf))).toEqual(before);
      const mended = Date.now();
      editPolicy(CAR, (text) => text.replace('maxConections', 'maxConnections'));
      expect(await statusAfter(mended)).toMatchObject({ ok: true });
      await untilEverywhere((config) => config.includes('"41s"'));
      expect((await command('status')).output).not.toContain('maxConections');
    });
  });
});

describe('however an editor writes', () => {
  it('a file that is truncated, or put aside, and written later is one change, and its service stays in the mesh meanwhile', async () => {
    const file = policyFile(CAR);
    await restoring(CAR, () =>
      carUnderLoad(async () => {
        const text = readFileSync(file, 'utf8');
        writeFileSync(file, '');
        await sleep(200);
        writeFileSync(file, text.replace('timeout: 2s', 'timeout: 51s'));
        await untilEverywhere((config) => config.includes('"51s"'));
        renameSync(file, `${file}~`);
        await sleep(200);
        writeFileSync(file, text.replace('timeout: 2s', 'timeout: 52s'));
        await untilEverywhere((config) => config.includes('"52s"'));
        writeFileSync(`${file}.tmp`, text.replace('timeout: 2s', 'timeout: 53s'));
        renameSync(`${file}.tmp`, file);
        await untilEverywhere((config) => config.includes('"53s"'));
        rmSync(`${file}~`);
      }),
    );
  });

  it('a file in a new folder is a policy, until it is deleted', async () => {
    const file = policyFile('other/bus.yaml');
    const isThere = (config: string) => config.includes('bus.other.svc.cluster.local');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      'apiVersion: v1\nkind: Service\nmetadata: { name: bus, namespace: other }\nspec: { selector: { app: bus }, ports: [{ name: grpc, port: 50051 }] }\n',
    );
    try {
      await untilEverywhere(isThere);
    } finally {
      rmSync(dirname(file), { recursive: true });
    }
    // A cluster stays one version longer than its routes.
    await untilEverywhere((config) => !/"domains": \[\s*"bus\.other/.test(config));
  });
});

it('what was changed is changed back: reservations go on', async () => {
  const { carId } = await registerCar(1);
  await reserve({ carId });
});

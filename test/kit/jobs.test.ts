import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type JobHandler, onJob, scheduleJob } from '#kit/jobs/jobs.ts';
import { JobWorker } from '#kit/jobs/worker.ts';
import type { Tx } from '#kit/postgres/database.ts';
import { PostgresDatabase } from '#kit/postgres/postgres.ts';
import { Store } from '#kit/postgres/store.ts';
import { enumOf, table, uuid } from '#kit/postgres/table.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { inContextFrom, startTelemetry, traceHeaders } from '#kit/runtime/telemetry.ts';
import { eventually, range } from '../support/eventually.ts';
import { createSchema, databaseUrl, dropSchema, effectHandler, openDatabase, startWorker, type WorkerProcess } from './support/jobs.ts';

const silent = createLogger('test', 'silent');

class CountingDatabase extends PostgresDatabase {
  transactions = 0;
  override async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.transactions++;
    return await super.transaction(work);
  }
}

let url: string;
let database: PostgresDatabase;
let stopWorkers: (() => Promise<void>)[];

beforeAll(async () => {
  await startTelemetry('test', undefined);
  url = await databaseUrl();
});
beforeEach(async () => {
  await createSchema();
  database = openDatabase(url);
  stopWorkers = [];
});
afterEach(async () => {
  for (const stop of stopWorkers.toReversed()) await stop();
  await database.close();
});
afterAll(dropSchema);

/** Runs a worker in this process until the end of the test. */
function run(handler: JobHandler, on = database): void {
  const stop = new AbortController();
  const ended = new JobWorker(on, [handler], silent).run(stop.signal);
  stopWorkers.push(async () => {
    stop.abort();
    await ended;
  });
}

/** Runs a worker in a process of its own until the end of the test. */
function start(name: string, holdKey?: string): WorkerProcess {
  const worker = startWorker(url, name, holdKey);
  stopWorkers.push(worker.kill);
  return worker;
}

async function schedule(keys: readonly string[], delayMs: (index: number) => number = () => 1): Promise<void> {
  await database.transaction(async (tx) => {
    for (const [index, key] of keys.entries()) scheduleJob(tx, { name: 'effect', key, delayMs: delayMs(index) });
  });
}

const effects = () =>
  database.query<{ key: string; worker: string; isEarly: boolean }>('select key, worker, is_early as "isEarly" from effects');
const ranKeys = async () => (await effects()).map(({ key }) => key).toSorted();
const waiting = () => database.query<{ key: string; failures: number }>('select key, failures from jobs');
const keysOf = (prefix: string, count: number) => range(count).map((index) => `${prefix}-${String(index).padStart(3, '0')}`);

async function allRan(keys: readonly string[]): Promise<void> {
  await eventually('all jobs have run', async () => expect(await ranKeys()).toEqual(keys.toSorted()));
  expect(await waiting()).toEqual([]);
}

describe('a delayed job', () => {
  it('runs once across replicas, and never early, also when a replica is killed in its transaction', async () => {
    const first = keysOf('first', 200);
    await schedule(first, (index) => index * 2);
    const killed = start('killed', 'first-020');
    await killed.untilHolding();
    start('surviving');
    const locked = 'select key from jobs where id not in (select id from jobs for update skip locked)';
    await eventually('the other replica has run what is not held', async () => {
      const left = (await waiting()).map(({ key }) => key);
      const lockedKeys = (await database.query<{ key: string }>(locked)).map(({ key }) => key);
      expect(lockedKeys).toContain('first-020');
      expect(left.toSorted()).toEqual(lockedKeys.toSorted());
    });
    await killed.kill();
    await allRan(first);
    start('restarted');
    const second = keysOf('second', 200);
    await schedule(second, (index) => index * 2);
    await allRan([...first, ...second]);
    expect((await effects()).filter(({ isEarly }) => isEarly)).toEqual([]);
  });

  it('that became due while no replica ran runs after the start', async () => {
    const keys = keysOf('overdue', 3);
    await schedule(keys);
    await eventually('the jobs are due', async () => {
      expect(await database.query('select from jobs where due_time > now()')).toEqual([]);
    });
    run(effectHandler('late'));
    await allRan(keys);
  });

  it('does not run when it is cancelled, or when its transaction is rolled back', async () => {
    await schedule(['cancelled', 'kept'], () => 50);
    const failed = database.transaction(async (tx) => {
      scheduleJob(tx, { name: 'effect', key: 'rolled-back', delayMs: 0 });
      await tx.query('select 1 / 0');
    });
    await expect(failed).rejects.toMatchObject({ code: '22012' });
    await database.transaction(async (tx) => {
      scheduleJob(tx, { name: 'effect', key: 'cancelled', delayMs: 50 });
      tx.cancelJobs('effect', ['cancelled', 'unknown']);
      tx.cancelJobs('other', ['kept']);
    });
    run(effectHandler('worker'));
    await allRan(['kept']);
  });

  it('that is running is not waited for by the transaction that cancels it', async () => {
    const holding = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await schedule(['held']);
    run(
      effectHandler('worker', async () => {
        holding.resolve();
        await release.promise;
      }),
    );
    await holding.promise;
    await database.transaction(async (tx) => tx.cancelJobs('effect', ['held']));
    release.resolve();
    await allRan(['held']);
  });

  it('costs a sleeping worker few reads', async () => {
    const counting = new CountingDatabase({ url, poolSize: 2, log: silent });
    stopWorkers.push(() => counting.close());
    await schedule(['soon'], () => 1000);
    run(effectHandler('worker'), counting);
    await allRan(['soon']);
    // One at the start, one or two when the job is due, one after it.
    expect(counting.transactions).toBeLessThanOrEqual(4);
  });

  it('that fails runs again later, and holds no other up', async () => {
    let isBroken = true;
    await schedule(keysOf('job', 5));
    run(
      effectHandler('worker', (key) => {
        if (isBroken && key === 'job-002') throw new Error('broken');
      }),
    );
    await eventually('the others have run', async () => expect(await ranKeys()).toEqual(['job-000', 'job-001', 'job-003', 'job-004']));
    await eventually('the failure is counted', async () => expect((await waiting())[0]?.failures).toBeGreaterThan(0));
    isBroken = false;
    await allRan(keysOf('job', 5));
  });

  it('continues the trace of the call that scheduled it, and has its payload', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await inContextFrom({ traceparent }, () =>
      database.transaction(async (tx) => scheduleJob(tx, { name: 'note', key: 'key', delayMs: 0, payload: 'text' })),
    );
    const seen: unknown[] = [];
    run(onJob('note', async ({ payload }) => void seen.push([payload, traceHeaders().traceparent])));
    await eventually('the job has run', () => expect(seen).toEqual([['text', traceparent]]));
  });
});

describe('a rule', () => {
  const coffees = table('coffees', {
    namespace: 'test.coffee',
    id: 'coffeeId',
    columns: { coffeeId: uuid, status: enumOf({ STATUS_UNSPECIFIED: 0, MAKING: 1, MADE: 2 }) },
    mutable: ['status'],
    events: {},
  });

  it('schedules a job under the id of its entity, which changes the entity when it is due', async () => {
    await database.query(`create table coffees (coffee_id uuid primary key, status text not null, version bigint not null,
      create_time timestamptz(3) not null default now(), update_time timestamptz(3) not null default now())`);
    const store = new Store(database, coffees);
    run(
      store.onJob('finish', ({ key }) => ({
        id: key,
        rule: (coffee) => coffee && { state: { ...coffee, status: 'MADE' }, events: [] },
      })),
    );
    const coffeeId = randomUUID();
    const made = { state: { coffeeId, status: 'MAKING' as const }, events: [], jobs: [{ name: 'finish', delayMs: 100 }] };
    expect(await store.add(coffeeId, made)).toMatchObject({ status: 'MAKING', version: 1 });
    // A repetition stores nothing, so it schedules nothing.
    await store.add(coffeeId, made);
    await eventually('the coffee is made', async () => expect(await store.find(coffeeId)).toMatchObject({ status: 'MADE', version: 2 }));
    expect(await waiting()).toEqual([]);
  });
});

import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { isStoreBusy } from '#kit/events/transient-errors.ts';
import { PostgresDatabase } from '#kit/postgres/postgres.ts';
import { isUncommitted } from '#kit/postgres/uncommitted.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { eventually, range } from '../support/eventually.ts';
import { tested } from '../support/tested/index.ts';

const NAME = 'session-test';

/** Runs work with a pool of two connections, and a connection that no limit ends. */
async function withDatabase(work: (database: PostgresDatabase, other: pg.Client) => Promise<void>): Promise<void> {
  await tested.withStores(async (stores) => {
    const url = stores.postgresUri('rentcar_car');
    const named = `${url}${url.includes('?') ? '&' : '?'}application_name=${NAME}`;
    const database = new PostgresDatabase({ url: named, poolSize: 2, log: createLogger('test', 'silent') });
    const other = new pg.Client({ connectionString: url });
    other.on('error', () => undefined);
    await other.connect();
    try {
      await work(database, other);
    } finally {
      await other.end();
      await database.close();
    }
  });
}

describe('a session of a service', () => {
  it('has a limit for locks, statements, idle transactions, transactions and lost peers', async () => {
    await withDatabase(async (database) => {
      const names = [
        'lock_timeout',
        'statement_timeout',
        'idle_in_transaction_session_timeout',
        'transaction_timeout',
        'tcp_keepalives_idle',
        'tcp_keepalives_interval',
        'tcp_keepalives_count',
        'tcp_user_timeout',
      ];
      const rows = await database.query<{ name: string; setting: string }>('select name, setting from pg_settings where name = any($1)', [
        names,
      ]);
      expect(rows.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
      for (const { name, setting } of rows) expect(Number(setting), name).toBeGreaterThan(0);
    });
  });

  it('gives a lock up before the caller of a guarded call does, and reports that nothing was committed', async () => {
    await withDatabase(async (database, other) => {
      await other.query('begin');
      await other.query('select pg_advisory_xact_lock(4711)');
      const error: unknown = await database
        .transaction((tx) => tx.query('select pg_advisory_xact_lock(4711)'))
        .catch((reason: unknown) => reason);
      await other.query('rollback');
      expect(error).toMatchObject({ code: '55P03' });
      expect(isStoreBusy(error)).toBe(true);
      expect(isUncommitted(error)).toBe(true);
    });
  });

  it('that the server ends at any moment ends no process, and the next call gets another', async () => {
    await withDatabase(async (database, other) => {
      let done = 0;
      const calls = range(8).map(async () => {
        for (let i = 0; i < 150; i++) {
          await database.transaction((tx) => tx.query('select 1')).catch(() => undefined);
          done++;
        }
      });
      // An error event without a listener is an uncaught exception, which fails the run.
      for (let ended = 0; done < 8 * 150; ended++) {
        await other.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [NAME]);
        if (ended > 10_000) throw new Error('the calls do not end');
      }
      await Promise.all(calls);
      // The call that meets a session which has just ended may fail.
      await eventually('a call succeeds', async () => expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]));
    });
  });
});

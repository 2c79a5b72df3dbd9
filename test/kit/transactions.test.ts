import { describe, expect, it } from 'vitest';
import { PostgresDatabase } from '#kit/postgres/postgres.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { tested } from '../support/tested/index.ts';

/** Runs work on a database with one connection, which has a table of things that nobody else sees. */
async function withThings(work: (database: PostgresDatabase) => Promise<void>): Promise<void> {
  await tested.withStores(async (stores) => {
    const database = new PostgresDatabase({ url: stores.postgresUri('rentcar_car'), poolSize: 1, log: createLogger('test', 'silent') });
    try {
      await database.query('create temporary table things (name text primary key)');
      await work(database);
    } finally {
      await database.close();
    }
  });
}

const names = async (database: PostgresDatabase) =>
  (await database.query<{ name: string }>('select name from things')).map(({ name }) => name);
const INSERT = 'insert into things (name) values ($1)';

describe('what a transaction writes without waiting', () => {
  it('is seen by its later statements, and kept when it commits', async () => {
    await withThings(async (database) => {
      const seen = await database.transaction(async (tx) => {
        tx.write(INSERT, ['lamp']);
        return await tx.query('select name from things');
      });
      expect(seen).toEqual([{ name: 'lamp' }]);
      expect(await names(database)).toEqual(['lamp']);
    });
  });

  it('undoes the transaction when it fails, which rejects with its error', async () => {
    await withThings(async (database) => {
      const twice = database.transaction(async (tx) => {
        tx.write(INSERT, ['lamp']);
        tx.write(INSERT, ['lamp']);
      });
      await expect(twice).rejects.toMatchObject({ code: '23505' });
      const before = database.transaction(async (tx) => {
        tx.write(INSERT, [null]);
        await tx.query('select name from things');
      });
      await expect(before).rejects.toMatchObject({ code: '23502' });
      expect(await names(database)).toEqual([]);
    });
  });
});

import pg from 'pg';
import { tested } from './tested/index.ts';

/** Runs work on a connection to a service's database, as the service's own role. */
export async function onDatabase<T>(name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  return await tested.withStores(async (stores) => {
    const client = new pg.Client({ connectionString: stores.postgresUri(name) });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  });
}

/** Runs work while the stock of a car is locked, so that every call that takes from it waits. `waiting` tells how many do. */
export async function whileLocked<T>(carId: string, work: (waiting: () => Promise<number>) => Promise<T>): Promise<T> {
  return await onDatabase('rentcar_car', async (client) => {
    await client.query('begin');
    await client.query('select * from cars where car_id = $1 for update', [carId]);
    try {
      return await work(async () => {
        // Within a transaction the view shows the same picture until it is told to look again.
        await client.query('select pg_stat_clear_snapshot()');
        const { rows } = await client.query<{ waiting: number }>(
          `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rows[0]?.waiting ?? 0;
      });
    } finally {
      await client.query('rollback');
    }
  });
}

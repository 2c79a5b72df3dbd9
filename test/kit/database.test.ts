import { readFileSync } from 'node:fs';
import pg from 'pg';
import { PostgresDatabase } from '#kit/postgres/postgres.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { describeDatabase, type OpenDatabase } from '#kit/testing/database-contract.ts';
import { OutboxBatch } from '#proto/rentmesh/outbox/v1/outbox.ts';
import { tested } from '../support/tested/index.ts';

const SCHEMA = 'kit_contract_test';

const [JOBS = ''] = readFileSync(new URL('../../services/kit/postgres/migrations/004_jobs.sql', import.meta.url), 'utf8').split(
  '-- Down Migration',
);

const SETUP = `drop schema if exists ${SCHEMA} cascade;
  create schema ${SCHEMA};
  set search_path = ${SCHEMA};
  create table items (item_id uuid primary key, owner text not null, amount int not null, status text not null,
    is_large boolean not null generated always as (amount > 10) stored, version bigint not null,
    create_time timestamptz(3) not null default now(), update_time timestamptz(3) not null default now(),
    create_xid xid8 not null default pg_current_xact_id());
  create table outbox (id bigint generated always as identity primary key, events bytea not null);
  ${JOBS}`;

async function open(): Promise<OpenDatabase> {
  const url = new URL(await tested.withStores(async (stores) => stores.postgresUri('rentcar_car')));
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query(SETUP);
  url.searchParams.set('options', `-c search_path=${SCHEMA}`);
  const database = new PostgresDatabase({ url: url.href, poolSize: 3, log: createLogger('test', 'silent') });
  return {
    database,
    events: async () => {
      const rows = await database.query<{ events: Buffer }>('select events from outbox order by id');
      return rows.flatMap(({ events }) => OutboxBatch.decode(events).events);
    },
    jobKeys: async () => (await database.query<{ key: string }>('select key from jobs order by id')).map(({ key }) => key),
    close: async () => {
      await database.close();
      await client.query(`drop schema ${SCHEMA} cascade`);
      await client.end();
    },
  };
}

describeDatabase('PostgreSQL', open);

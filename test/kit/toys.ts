import pg from 'pg';
import type { Decision } from '#kit/decision.ts';
import { PostgresDatabase } from '#kit/postgres/postgres.ts';
import { Store } from '#kit/postgres/store.ts';
import { enumOf, integer, table, text, timestamp, uuid } from '#kit/postgres/table.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { OutboxBatch, type OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import { tested } from '../support/tested/index.ts';

const SCHEMA = 'kit_test';

const SETUP = `drop schema if exists ${SCHEMA} cascade;
  create schema ${SCHEMA};
  create table ${SCHEMA}.toys (
    toy_id uuid primary key, name text not null, sold_from timestamptz(3) not null, price int not null, status text not null,
    version bigint not null, published_version bigint not null default 1, create_time timestamptz(3) not null default now(),
    update_time timestamptz(3) not null default now(), create_xid xid8 not null default pg_current_xact_id());
  create table ${SCHEMA}.outbox (id bigint generated always as identity primary key, events bytea not null)`;

/** An event that is JSON, so that the tests need no contract. */
function event<T>($type: string) {
  return {
    $type,
    encode: (message: T) => ({ finish: () => Buffer.from(JSON.stringify(message)) }),
    decode: (bytes: Uint8Array): T => JSON.parse(Buffer.from(bytes).toString()),
  };
}

/** The table of the tests of tables. */
export const toyTable = table('toys', {
  namespace: 'test.toy',
  id: 'toyId',
  columns: { toyId: uuid, name: text, soldFrom: timestamp, price: integer, status: enumOf({ STATUS_UNSPECIFIED: 0, NEW: 1, SOLD: 2 }) },
  mutable: ['price', 'status'],
  events: {
    ToyMade: event<{ toyId: string; name: string; version: number }>('test.toy.v1.ToyMade'),
    PriceSet: event<{ toyId: string; price: number; version: number }>('test.toy.v1.PriceSet'),
    ToySold: event<{ toyId: string; buyer: string; price: number }>('test.toy.v1.ToySold'),
  },
});

export interface Toy {
  readonly toyId: string;
  readonly name: string;
  readonly soldFrom: Date;
  readonly price: number;
  readonly status: 'NEW' | 'SOLD';
}

/** A rule: a new toy for 10. */
export const make = (toyId: string, name = 'bear') => ({
  state: { toyId, name, soldFrom: new Date(1_000), price: 10, status: 'NEW' as const },
  events: ['ToyMade' as const],
});

/** A rule: sells a toy once. */
export const sellTo =
  (buyer: string) =>
  (toy: Toy): Decision<Toy, { readonly ToySold: { readonly buyer: string } }, 'ALREADY_SOLD'> =>
    toy.status === 'SOLD' ? 'ALREADY_SOLD' : { state: { ...toy, status: 'SOLD' }, events: [{ ToySold: { buyer } }] };

/** A rule: raises the price by 1. */
export const raise = (toy: Toy) => ({ state: { ...toy, price: toy.price + 1 }, events: [] });

/** The toys of two processes, in one database. */
export interface ToyStores {
  readonly toys: Store<typeof toyTable>;
  readonly others: Store<typeof toyTable>;
  /** Returns the transactions that have appended events, the oldest first. */
  batches(): Promise<OutboxBatch[]>;
  /** Returns the content of all events of a toy, with the trace context that each continues. */
  eventsOf(toyId: string): Promise<(Record<string, unknown> & { readonly traceparent: string | undefined })[]>;
}

/** Returns a test that runs with an empty table of toys. */
export function withToys(test: (stores: ToyStores) => Promise<void>): () => Promise<void> {
  return () =>
    tested.withStores(async (stores) => {
      const url = new URL(stores.postgresUri('rentcar_car'));
      const client = new pg.Client({ connectionString: url.href });
      url.searchParams.set('options', `-c search_path=${SCHEMA}`);
      const open = () => new PostgresDatabase({ url: url.href, poolSize: 2, log: createLogger('test', 'silent') });
      const [database, other] = [open(), open()];
      await client.connect();
      try {
        await client.query(SETUP);
        await test(storesOf(database, other));
      } finally {
        await database.close();
        await other.close();
        await client.query(`drop schema ${SCHEMA} cascade`);
        await client.end();
      }
    });
}

function storesOf(database: PostgresDatabase, other: PostgresDatabase): ToyStores {
  const batches = async () => {
    const rows = await database.query<{ events: Buffer }>('select events from outbox order by id');
    return rows.map(({ events }) => OutboxBatch.decode(events));
  };
  const contentOf = ({ type, trace, value }: OutboxEvent) => ({ type, traceparent: trace.traceparent, ...JSON.parse(value.toString()) });
  return {
    toys: new Store(database, toyTable),
    others: new Store(other, toyTable),
    batches,
    eventsOf: async (toyId) => (await batches()).flatMap(({ events }) => events.filter(({ key }) => key === toyId).map(contentOf)),
  };
}

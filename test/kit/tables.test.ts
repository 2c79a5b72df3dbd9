import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision } from '#kit/decision.ts';
import { isPermanent } from '#kit/events/deliveries.ts';
import type { Envelope } from '#kit/events/events.ts';
import { isStoreBusy } from '#kit/events/transient-errors.ts';
import type { Database } from '#kit/postgres/database.ts';
import { PostgresDatabase } from '#kit/postgres/postgres.ts';
import { StatePublisher } from '#kit/postgres/state-publisher.ts';
import { Store } from '#kit/postgres/store.ts';
import { enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { change, createOnce, get, list } from '#kit/rpc/resource.ts';
import type { CallContext } from '#kit/rpc/server.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { inContextFrom, startTelemetry } from '#kit/runtime/telemetry.ts';
import { OutboxBatch, type OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import { onDatabase } from '../support/database.ts';
import { eventually, range } from '../support/eventually.ts';
import { tested } from '../support/tested/index.ts';

const SCHEMA = 'kit_tables_test';

/** An event that is JSON, so that the test needs no contract. */
function event<T>($type: string) {
  return {
    $type,
    encode: (message: T) => ({ finish: () => Buffer.from(JSON.stringify(message)) }),
    decode: (bytes: Uint8Array): T => JSON.parse(Buffer.from(bytes).toString()),
  };
}

const toyTable = table('toys', {
  namespace: 'test.toy',
  id: 'toyId',
  columns: { toyId: uuid, name: text, price: integer, status: enumOf({ STATUS_UNSPECIFIED: 0, NEW: 1, SOLD: 2 }) },
  mutable: ['price', 'status'],
  events: {
    ToyMade: event<{ toyId: string; name: string; version: number }>('test.toy.v1.ToyMade'),
    PriceSet: event<{ toyId: string; price: number; version: number }>('test.toy.v1.PriceSet'),
    ToySold: event<{ toyId: string; buyer: string; price: number }>('test.toy.v1.ToySold'),
  },
});

interface Toy {
  readonly toyId: string;
  readonly name: string;
  readonly price: number;
  readonly status: 'NEW' | 'SOLD';
}

const make = (toyId: string, name = 'bear') => ({
  state: { toyId, name, price: 10, status: 'NEW' as const },
  events: ['ToyMade' as const],
});

const sellTo =
  (buyer: string) =>
  (toy: Toy): Decision<Toy, { readonly ToySold: { readonly buyer: string } }, 'ALREADY_SOLD'> =>
    toy.status === 'SOLD' ? 'ALREADY_SOLD' : { state: { ...toy, status: 'SOLD' }, events: [{ ToySold: { buyer } }] };

const refusals = { ALREADY_SOLD: 'was sold' };

/** The context of a call, as far as answers need it. */
function contextOf(idempotencyKey?: string) {
  const headers = new Map<string, string>();
  const context = { idempotencyKey, headers, call: { getPath: () => '/test.toy.v1.ToyService/ListToys' } };
  // Only these are read.
  return { headers, context: context as unknown as CallContext };
}

describe('a table', () => {
  let databases: PostgresDatabase[];
  let toys: Store<typeof toyTable>;
  let others: Store<typeof toyTable>;

  beforeAll(async () => {
    await startTelemetry('test', undefined);
    await onDatabase('rentcar_car', async (client) => {
      await client.query(`drop schema if exists ${SCHEMA} cascade; create schema ${SCHEMA};
        create table ${SCHEMA}.toys (toy_id uuid primary key, name text not null, price int not null, status text not null,
          version bigint not null, published_version bigint not null default 1, create_time timestamptz(3) not null default now(), update_time timestamptz(3) not null default now(),
          create_xid xid8 not null default pg_current_xact_id());
        create table ${SCHEMA}.outbox (id bigint generated always as identity primary key, events bytea not null)`);
    });
    await tested.withStores(async (stores) => {
      const url = new URL(stores.postgresUri('rentcar_car'));
      url.searchParams.set('options', `-c search_path=${SCHEMA}`);
      const open = () => new PostgresDatabase({ url: url.href, poolSize: 2, log: createLogger('test', 'silent') });
      databases = [open(), open()];
    });
    [toys, others] = databases.map((database) => new Store(database, toyTable)) as [typeof toys, typeof others];
  });

  afterAll(async () => {
    for (const database of databases) await database.close();
    await onDatabase('rentcar_car', (client) => client.query(`drop schema ${SCHEMA} cascade`));
  });

  const eventsOf = async (id: string): Promise<OutboxEvent[]> => (await allEvents(toys.database)).filter(({ key }) => key === id);
  const contentOf = ({ type, value }: OutboxEvent) => ({ type, ...JSON.parse(value.toString()) });

  it('stores a new row with its event, and keeps the row that stands', async () => {
    const id = randomUUID();
    const toy = await toys.add(id, make(id));
    expect(toy).toMatchObject({ toyId: id, name: 'bear', price: 10, status: 'NEW', version: 1 });
    expect(await toys.add(id, make(id, 'other'))).toEqual(toy);
    expect(await toys.find(id)).toEqual(toy);
    expect(await toys.findAll([randomUUID(), id])).toEqual([toy]);
    expect((await eventsOf(id)).map(contentOf)).toEqual([
      expect.objectContaining({ type: 'test.toy.v1.ToyMade', name: 'bear', version: 1 }),
    ]);
  });

  it('changes a row by a rule, with an event that has more than the row, in the trace of the call', async () => {
    const id = randomUUID();
    await toys.add(id, make(id));
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const sold = await inContextFrom({ traceparent }, () => toys.change(id, sellTo('Anna')));
    expect(sold).toMatchObject({ status: 'SOLD', version: 2 });
    expect(await toys.find(id)).toEqual(sold);
    const [, event] = await eventsOf(id);
    expect(event?.trace.traceparent).toContain('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(event && contentOf(event)).toMatchObject({ type: 'test.toy.v1.ToySold', buyer: 'Anna', price: 10, toyId: id });
  });

  it('stores nothing for a refusal, for no change, and for an absent row', async () => {
    const id = randomUUID();
    const toy = await toys.add(id, make(id));
    expect(await toys.change(id, () => undefined)).toEqual(toy);
    expect(await toys.change(id, () => 'NO')).toBe('NO');
    expect(await toys.change(randomUUID(), sellTo('Anna'))).toBeUndefined();
    expect(await toys.find(id)).toEqual(toy);
    expect(await eventsOf(id)).toHaveLength(1);
  });

  it('refuses a rule that changes a column that is not mutable', async () => {
    const id = randomUUID();
    await toys.add(id, make(id));
    await expect(toys.change(id, (toy) => ({ state: { ...toy, name: 'cat' }, events: [] }))).rejects.toThrow('toys.name');
  });

  it('applies concurrent changes of a row one after the other, those of one process in shared transactions', async () => {
    const id = randomUUID();
    await toys.add(id, make(id));
    const before = (await allBatches(toys.database)).length;
    const sales = range(40).map((buyer) => (buyer % 2 === 0 ? toys : others).change(id, sellTo(String(buyer))));
    const results = await Promise.all(sales);
    expect(results.filter((result) => typeof result === 'object')).toHaveLength(1);
    expect(results.filter((result) => result === 'ALREADY_SOLD')).toHaveLength(39);
    expect(await allBatches(toys.database)).toHaveLength(before + 1);
  });

  it('writes the events of a transaction as one row', async () => {
    const ids = range(10).map(() => randomUUID());
    const before = (await allBatches(toys.database)).length;
    await toys.database.transaction((tx) =>
      toys.changeAll(
        ids.map((id) => ({ id, rule: () => make(id), isNew: true, trace: {} })),
        tx,
      ),
    );
    const batches = await allBatches(toys.database);
    expect(batches).toHaveLength(before + 1);
    expect(batches.at(-1)?.events.map(({ key }) => key)).toEqual(ids);
  });

  it('never deadlocks, whatever the order of the rows in two transactions', async () => {
    const ids = range(50).map(() => randomUUID());
    const rule = (toy: Toy | undefined) => ({ state: toy ? { ...toy, price: toy.price + 1 } : make(ids[0] ?? '').state, events: [] });
    await toys.database.transaction((tx) =>
      toys.changeAll(
        ids.map((id) => ({ id, rule: () => make(id), trace: {} })),
        tx,
      ),
    );
    const raise = (store: typeof toys, order: readonly string[]) =>
      store.database.transaction((tx) =>
        store.changeAll(
          order.map((id) => ({ id, rule, trace: {} })),
          tx,
        ),
      );
    for (const _ of range(5)) await Promise.all([raise(toys, ids), raise(others, ids.toReversed())]);
    expect((await toys.findAll(ids)).map(({ price }) => price)).toEqual(ids.map(() => 20));
  });

  it('asks for a repetition when another transaction adds a row that a rule found absent', async () => {
    const id = randomUUID();
    const rule = (toy: Toy | undefined) => (toy === undefined ? make(id) : undefined);
    const apply = () => others.database.transaction((tx) => others.changeAll([{ id, rule, trace: {} }], tx));
    const late = await toys.database.transaction(async (tx) => {
      await toys.changeAll([{ id, rule, trace: {} }], tx);
      const outcome = apply().catch((error: unknown) => error);
      await eventually('the other transaction waits', async () => {
        const waiting = await tx.query(`select from pg_locks where locktype = 'transactionid' and not granted`);
        expect(waiting.length).toBeGreaterThan(0);
      });
      return { outcome };
    });
    const error = await late.outcome;
    expect(isStoreBusy(error), String(error)).toBe(true);
    expect(isPermanent(error)).toBe(false);
    expect(await apply()).toMatchObject([{ toyId: id, version: 1 }]);
    expect(await eventsOf(id)).toHaveLength(1);
  });

  it('dead-letters an event whose rule refuses, and applies the events of all types in one call', async () => {
    const [made, sold] = [toyTable.events.ToyMade, toyTable.events.ToySold];
    const handlers = [
      toys.on(made, ({ toyId }) => ({ id: toyId, rule: (toy) => (toy === undefined ? make(toyId) : undefined), isNew: true })),
      toys.on(sold, ({ toyId, buyer }) => ({ id: toyId, rule: (toy) => toy && sellTo(buyer)(toy) })),
    ];
    expect(new Set(handlers.map(({ apply }) => apply)).size).toBe(1);
    const id = randomUUID();
    const apply = (...types: string[]) => {
      const envelopes = types.map((type) => ({ type, trace: {} }) as Envelope);
      const events = types.map(() => ({ toyId: id, buyer: 'Ben' }));
      return toys.database.transaction(async (tx) => await handlers[0]?.apply(events, tx, envelopes));
    };
    await apply(made.$type, sold.$type);
    await apply(made.$type);
    expect(await toys.find(id)).toMatchObject({ status: 'SOLD', version: 2 });
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual([made.$type, sold.$type]);
    await expect(apply(sold.$type)).rejects.toThrow('ALREADY_SOLD');
  });

  it('publishes the newest state of the rows that have changed, once', async () => {
    const ids = range(3).map(() => randomUUID());
    for (const id of ids) await toys.add(id, make(id));
    const [changed = '', locked = '', unnoted = ''] = ids;
    const raise = (id: string) => toys.change(id, (toy) => ({ state: { ...toy, price: toy.price + 1 }, events: [] }));
    for (const id of [changed, changed, locked, unnoted]) await raise(id);
    const publisher = new StatePublisher(toys.database, toyTable, 'PriceSet');
    publisher.noteChange([changed, locked]);
    const published = async () => (await allEvents(toys.database)).map(contentOf).filter(({ type }) => type === 'test.toy.v1.PriceSet');
    await others.database.transaction(async (tx) => {
      await tx.query('select from toys where toy_id = $1 for update', [locked]);
      await publisher.publish();
    });
    expect(await published()).toMatchObject([{ toyId: changed, price: 12, version: 3 }]);
    await publisher.publish();
    await publisher.publish();
    expect(await published()).toMatchObject([{ toyId: changed }, { toyId: locked, price: 11 }]);
    await new StatePublisher(others.database, toyTable, 'PriceSet').publishAll();
    const all = await published();
    expect(all).toContainEqual(expect.objectContaining({ toyId: unnoted }));
    expect(all.filter(({ toyId }) => toyId === changed)).toHaveLength(1);
  });

  describe('as calls', () => {
    const NOT_FOUND = { code: status.NOT_FOUND, reason: 'TOY_NOT_FOUND' };

    it('is read with an etag of the version, and with the numbers of enums', async () => {
      const id = randomUUID();
      await toys.add(id, make(id));
      const { headers, context } = contextOf();
      expect(await get(toys, id, context)).toMatchObject({ toyId: id, status: 1 });
      expect(headers.get('etag')).toBe('"1"');
      const absent = randomUUID();
      await expect(get(toys, absent, context)).rejects.toMatchObject({ ...NOT_FOUND, metadata: { toyId: absent } });
    });

    it('is changed, or refused with the reason of the rule', async () => {
      const id = randomUUID();
      await toys.add(id, make(id));
      expect(await change(toys, id, sellTo('Anna'), refusals)).toMatchObject({ status: 2 });
      await expect(change(toys, id, sellTo('Ben'), refusals)).rejects.toMatchObject({
        code: status.FAILED_PRECONDITION,
        reason: 'ALREADY_SOLD',
        message: `toy ${id} was sold`,
        metadata: { toyId: id },
      });
      await expect(change(toys, randomUUID(), sellTo('Ben'), refusals)).rejects.toMatchObject(NOT_FOUND);
    });

    it('is created once per idempotency key and user', async () => {
      const key = randomUUID();
      const create = (name: string, userId = 'anna') =>
        createOnce(toys, contextOf(key).context, { create: (id) => make(id, name), userId });
      const [toy, again] = await Promise.all([create('bear'), create('bear')]);
      expect(again).toEqual(toy);
      await toys.change(toy.toyId, sellTo('Anna'));
      expect(await create('bear')).toMatchObject({ toyId: toy.toyId, status: 2 });
      await expect(create('cat')).rejects.toMatchObject({ code: status.ALREADY_EXISTS, reason: 'IDEMPOTENCY_KEY_REUSED' });
      expect((await create('bear', 'ben')).toyId).not.toBe(toy.toyId);
      const withoutKey = () => createOnce(toys, contextOf().context, { create: (id) => make(id) });
      expect((await withoutKey()).toyId).not.toBe((await withoutKey()).toyId);
    });

    it('is listed page by page, by the filters that are given', async () => {
      const name = randomUUID();
      const ids = range(5).map(() => randomUUID());
      for (const id of ids) await toys.add(id, make(id, name));
      await toys.change(ids[2] ?? '', sellTo('Anna'));
      const page = (status: 0 | 1 | 2, pageToken = '') => list(toys, { pageSize: 2, pageToken, name, status }, contextOf().context);
      const found: string[] = [];
      for (let token: string | undefined; token !== ''; ) {
        const { toys: rows, nextPageToken } = await page(0, token);
        found.push(...rows.map(({ toyId }) => toyId));
        token = nextPageToken;
      }
      expect(found).toEqual(ids);
      expect((await page(2)).toys).toMatchObject([{ toyId: ids[2], status: 2 }]);
      const { nextPageToken } = await page(0);
      await expect(page(1, nextPageToken)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    });
  });
});

async function allBatches(database: Database): Promise<OutboxBatch[]> {
  const rows = await database.query<{ events: Buffer }>('select events from outbox order by id');
  return rows.map(({ events }) => OutboxBatch.decode(events));
}

async function allEvents(database: Database): Promise<OutboxEvent[]> {
  return (await allBatches(database)).flatMap(({ events }) => events);
}

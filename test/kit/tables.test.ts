import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { isPermanent } from '#kit/events/deliveries.ts';
import type { Envelope } from '#kit/events/events.ts';
import { isStoreBusy } from '#kit/events/transient-errors.ts';
import { StatePublisher } from '#kit/postgres/state-publisher.ts';
import { inContextFrom, startTelemetry } from '#kit/runtime/telemetry.ts';
import { eventually, range } from '../support/eventually.ts';
import { make, raise, sellTo, type Toy, type ToyStores, toyTable, withToys } from './toys.ts';

beforeAll(async () => {
  await startTelemetry('test', undefined);
});

describe('a change of one row', () => {
  it(
    'stores a new row with its event, and keeps the row that stands',
    withToys(async ({ toys, eventsOf }) => {
      const id = randomUUID();
      const toy = await toys.add(id, make(id));
      expect(toy).toMatchObject({ ...make(id).state, version: 1 });
      expect(await toys.add(id, make(id, 'other'))).toEqual(toy);
      expect(await toys.find(id)).toEqual(toy);
      expect(await toys.findAll([randomUUID(), id])).toEqual([toy]);
      expect(await eventsOf(id)).toMatchObject([{ type: 'test.toy.v1.ToyMade', name: 'bear', version: 1 }]);
    }),
  );

  it(
    'follows a rule, and publishes events with more than the row, in the trace of the call',
    withToys(async ({ toys, eventsOf }) => {
      const id = randomUUID();
      await toys.add(id, make(id));
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const sold = await inContextFrom({ traceparent }, () => toys.change(id, sellTo('Anna')));
      expect(sold).toMatchObject({ status: 'SOLD', version: 2 });
      expect(await toys.find(id)).toEqual(sold);
      const [, event] = await eventsOf(id);
      expect(event).toMatchObject({ type: 'test.toy.v1.ToySold', buyer: 'Anna', price: 10, toyId: id });
      expect(event?.traceparent).toContain('4bf92f3577b34da6a3ce929d0e0e4736');
    }),
  );

  it(
    'stores nothing for a refusal, for no change, and for an absent row',
    withToys(async ({ toys, eventsOf }) => {
      const id = randomUUID();
      const toy = await toys.add(id, make(id));
      expect(await toys.change(id, () => undefined)).toEqual(toy);
      expect(await toys.change(id, () => 'NO')).toBe('NO');
      expect(await toys.change(randomUUID(), sellTo('Anna'))).toBeUndefined();
      expect(await toys.find(id)).toEqual(toy);
      expect(await eventsOf(id)).toHaveLength(1);
    }),
  );

  it(
    'must leave the columns that are not mutable',
    withToys(async ({ toys }) => {
      const id = randomUUID();
      await toys.add(id, make(id));
      await expect(toys.change(id, (toy) => ({ state: { ...toy, name: 'cat' }, events: [] }))).rejects.toThrow('toys.name');
    }),
  );
});

describe('concurrent changes', () => {
  it(
    'of a row are applied one after the other, those of one process in shared transactions',
    withToys(async ({ toys, others, batches }) => {
      const id = randomUUID();
      await toys.add(id, make(id));
      const sales = range(40).map((buyer) => (buyer % 2 === 0 ? toys : others).change(id, sellTo(String(buyer))));
      const results = await Promise.all(sales);
      expect(results.filter((result) => typeof result === 'object')).toHaveLength(1);
      expect(results.filter((result) => result === 'ALREADY_SOLD')).toHaveLength(39);
      const ids = range(40).map(() => randomUUID());
      const before = (await batches()).length;
      await Promise.all(ids.map((toyId) => toys.add(toyId, make(toyId))));
      expect((await batches()).slice(before).map(({ events }) => events.map(({ key }) => key))).toEqual([ids]);
    }),
  );

  it(
    'never deadlock, whatever the order of the rows in two transactions',
    withToys(async ({ toys, others }) => {
      const ids = range(50).map(() => randomUUID());
      const apply = (store: ToyStores['toys'], order: readonly string[]) =>
        store.database.transaction((tx) => {
          const change = (id: string) => ({ id, rule: (toy: Toy | undefined) => (toy ? raise(toy) : make(id)), trace: {} });
          return store.changeAll(order.map(change), tx);
        });
      await apply(toys, ids);
      for (const _ of range(5)) await Promise.all([apply(toys, ids), apply(others, ids.toReversed())]);
      expect((await toys.findAll(ids)).map(({ price }) => price)).toEqual(ids.map(() => 20));
    }),
  );

  it(
    'are repeated if another transaction adds a row that a rule found absent',
    withToys(async ({ toys, others, eventsOf }) => {
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
    }),
  );
});

describe('events', () => {
  it(
    'of all types change rows in one call, and are dead-lettered if a rule refuses',
    withToys(async ({ toys, eventsOf }) => {
      const [made, sold] = [toyTable.events.ToyMade, toyTable.events.ToySold];
      const handlers = [
        toys.on(made, ({ toyId }) => ({ id: toyId, rule: (toy) => (toy === undefined ? make(toyId) : undefined), isNew: true })),
        toys.on(sold, ({ toyId, buyer }) => ({ id: toyId, rule: (toy) => toy && sellTo(buyer)(toy) })),
      ];
      expect(new Set(handlers.map(({ apply }) => apply)).size).toBe(1);
      const id = randomUUID();
      const apply = (...types: string[]) => {
        // The store reads only type and trace.
        const envelopes = types.map((type) => ({ type, trace: {} }) as Envelope);
        const events = types.map(() => ({ toyId: id, buyer: 'Ben' }));
        return toys.database.transaction(async (tx) => await handlers[0]?.apply(events, tx, envelopes));
      };
      await apply(made.$type, sold.$type);
      await apply(made.$type);
      expect(await toys.find(id)).toMatchObject({ status: 'SOLD', version: 2 });
      expect((await eventsOf(id)).map(({ type }) => type)).toEqual([made.$type, sold.$type]);
      await expect(apply(sold.$type)).rejects.toThrow('ALREADY_SOLD');
    }),
  );
});

describe('a state publisher', () => {
  it(
    'publishes the newest state of the rows that have changed, once',
    withToys(async ({ toys, others, eventsOf }) => {
      const [changed, locked, unnoted] = [randomUUID(), randomUUID(), randomUUID()];
      for (const id of [changed, locked, unnoted]) await toys.add(id, make(id));
      for (const id of [changed, changed, locked, unnoted]) await toys.change(id, raise);
      const publisher = new StatePublisher(toys.database, toyTable, 'PriceSet');
      publisher.noteChange([changed, locked]);
      const pricesOf = async (id: string) => (await eventsOf(id)).filter(({ type }) => type === 'test.toy.v1.PriceSet');
      await others.database.transaction(async (tx) => {
        await tx.query('select from toys where toy_id = $1 for update', [locked]);
        await publisher.publish();
      });
      expect(await pricesOf(changed)).toMatchObject([{ price: 12, version: 3 }]);
      expect(await pricesOf(locked)).toEqual([]);
      for (const _ of range(2)) await publisher.publish();
      expect(await pricesOf(changed)).toHaveLength(1);
      expect(await pricesOf(locked)).toMatchObject([{ price: 11 }]);
      expect(await pricesOf(unnoted)).toEqual([]);
      await new StatePublisher(others.database, toyTable, 'PriceSet').publishAll();
      expect(await pricesOf(unnoted)).toHaveLength(1);
      expect(await pricesOf(changed)).toHaveLength(1);
    }),
  );
});

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import { outgoingEvent } from '../events/events.ts';
import { scheduleJob } from '../jobs/jobs.ts';
import type { Database, Tx } from '../postgres/database.ts';
import type { PageQuery } from '../postgres/page-query.ts';
import { insertRows, lockRows, selectRows, updateRows, writeRows } from '../postgres/rows.ts';
import { Store } from '../postgres/store.ts';
import { boolean, enumOf, generated, integer, type Row, table, text, uuid } from '../postgres/table.ts';
import { isUncommitted } from '../postgres/uncommitted.ts';

/** The table of the contract, with a column that is computed: `isLarge` is `amount > 10`. */
export const itemTable = table('items', {
  namespace: 'test.item',
  id: 'itemId',
  columns: {
    itemId: uuid,
    owner: text,
    amount: integer,
    status: enumOf({ STATUS_UNSPECIFIED: 0, OPEN: 1, CLOSED: 2 }),
    isLarge: generated(boolean),
  },
  mutable: ['amount', 'status'],
  events: {
    ItemChanged: {
      $type: 'test.item.v1.ItemChanged',
      encode: (item: { readonly itemId: string; readonly amount: number }) => ({ finish: () => Buffer.from(JSON.stringify(item)) }),
      decode: (bytes: Uint8Array): { readonly itemId: string; readonly amount: number } => JSON.parse(Buffer.from(bytes).toString()),
    },
  },
});

type Item = Row<typeof itemTable>;

/** A database that the contract is checked on. It has an empty table of items. */
export interface OpenDatabase {
  readonly database: Database;
  /** Returns the events of committed transactions, the oldest first. */
  events(): Promise<readonly OutboxEvent[]>;
  /** Returns the keys of the scheduled jobs, the oldest first. */
  jobKeys(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const itemOf = (owner: string, amount = 1) => ({ itemId: randomUUID(), owner, amount, status: 'OPEN' as const, version: 1 });

/** Declares the tests that every implementation of `Database` passes. */
export function describeDatabase(name: string, open: () => Promise<OpenDatabase>): void {
  describe(name, () => {
    let opened: OpenDatabase;
    let database: Database;
    let items: Store<typeof itemTable>;

    beforeEach(async () => {
      opened = await open();
      ({ database } = opened);
      items = new Store(database, itemTable);
    });
    afterEach(() => opened.close());

    const insert = (...rows: ReturnType<typeof itemOf>[]) => database.transaction((tx) => insertRows(itemTable, rows, tx));
    const amountOf = async (id: string, queries: Pick<Tx, 'query'> = database) => (await selectRows(itemTable, [id], queries))[0]?.amount;

    it('inserts rows with new ids only, and returns them with times and computed columns', async () => {
      const [bear, cat] = [itemOf('ann', 11), itemOf('ann')];
      const [inserted] = await insert(bear);
      expect(inserted).toEqual({ ...bear, isLarge: true, createTime: expect.any(Date), updateTime: expect.any(Date) });
      const again = await insert({ ...bear, amount: 5 }, cat);
      expect(again.map(({ itemId }) => itemId)).toEqual([cat.itemId]);
      expect(await selectRows(itemTable, [bear.itemId, randomUUID()], database)).toEqual([inserted]);
    });

    it('updates the rows that exist, which only the transaction sees until it commits', async () => {
      const item = itemOf('ann', 11);
      await insert(item);
      const updated = await database.transaction(async (tx) => {
        expect(await lockRows(itemTable, [item.itemId, randomUUID()], tx)).toMatchObject([item]);
        writeRows(itemTable, [{ ...item, amount: 9, version: 2 }], tx);
        expect(await amountOf(item.itemId, tx)).toBe(9);
        return await updateRows(itemTable, [{ ...item, amount: 8, version: 3 }, itemOf('ben')], tx);
      });
      expect(updated).toMatchObject([{ ...item, amount: 8, version: 3, isLarge: false }]);
      expect(await selectRows(itemTable, [item.itemId], database)).toEqual(updated);
    });

    it('keeps nothing of a transaction that throws', async () => {
      const item = itemOf('ann');
      const error = await database
        .transaction(async (tx) => {
          await insertRows(itemTable, [item], tx);
          scheduleJob(tx, { name: 'job', key: 'a', delayMs: 60_000 });
          throw new Error('stop');
        })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ message: 'stop' });
      expect(isUncommitted(error)).toBe(true);
      expect(await amountOf(item.itemId)).toBeUndefined();
      expect(await opened.jobKeys()).toEqual([]);
    });

    it('keeps nothing of a transaction in which a statement fails that is not waited for', async () => {
      const item = itemOf('ann');
      const failed = database.transaction(async (tx) => {
        tx.write('not a statement');
        await insertRows(itemTable, [item], tx);
      });
      await expect(failed).rejects.toThrow(/not/);
      await expect(database.transaction(async (tx) => tx.write('not a statement'))).rejects.toThrow(/not/);
      expect(await amountOf(item.itemId)).toBeUndefined();
    });

    it('applies concurrent changes of a row one after the other', async () => {
      const item = itemOf('ann', 0);
      await insert(item);
      const add = ({ amount, ...row }: Item) => ({ state: { ...row, amount: amount + 1 }, events: ['ItemChanged' as const] });
      const other = new Store(database, itemTable);
      await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? items : other).change(item.itemId, add)));
      expect(await items.find(item.itemId)).toMatchObject({ amount: 20, version: 21 });
      const amounts = (await opened.events()).map(({ value }) => itemTable.events.ItemChanged.decode(value).amount);
      expect(amounts).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    });

    it('adds a row once, with its events and jobs', async () => {
      const { version, ...state } = itemOf('ann');
      const outcome = { state, events: ['ItemChanged' as const], jobs: [{ name: 'job', delayMs: 60_000 }] };
      const added = await items.add(state.itemId, outcome);
      expect(added).toMatchObject({ ...state, version });
      expect(await items.add(state.itemId, { ...outcome, state: { ...state, amount: 7 } })).toEqual(added);
      expect((await opened.events()).map(({ key }) => key)).toEqual([state.itemId]);
      expect(await opened.jobKeys()).toEqual([state.itemId]);
    });

    it('adds rows that are new at the same time as some that stand, each with its own events', async () => {
      const [bear, cat, dog] = [itemOf('ann'), itemOf('ann'), itemOf('ann')];
      const outcomeOf = ({ version: _, ...state }: ReturnType<typeof itemOf>) => ({ state, events: ['ItemChanged' as const] });
      await items.add(bear.itemId, outcomeOf(bear));
      const added = await Promise.all(
        [cat, { ...bear, amount: 7 }, dog, { ...cat, amount: 8 }].map((item) => items.add(item.itemId, outcomeOf(item))),
      );
      expect(added).toMatchObject([cat, bear, dog, cat]);
      expect((await opened.events()).map(({ key }) => key).toSorted()).toEqual([bear, cat, dog].map(({ itemId }) => itemId).toSorted());
    });

    it('adds a row once that many add at the same time', async () => {
      const { version: _, ...state } = itemOf('ann');
      const stores = Array.from({ length: 8 }, () => new Store(database, itemTable));
      const rows = await Promise.all(
        stores.map((store, amount) => store.add(state.itemId, { state: { ...state, amount }, events: ['ItemChanged'] })),
      );
      const [first] = rows;
      for (const row of rows) expect(row).toEqual(first);
      const [sent, ...others] = (await opened.events()).map(({ value }) => itemTable.events.ItemChanged.decode(value));
      expect(sent).toMatchObject({ itemId: state.itemId, amount: first?.amount });
      expect(others).toEqual([]);
    });

    it('inserts the rows with new ids only, with the events about them in their order', async () => {
      const [standing, bear, cat] = [itemOf('ann'), itemOf('ann', 11), itemOf('ben')];
      await insert(standing);
      const events = [bear, { ...standing, amount: 5 }, cat, { ...bear, amount: 12 }].map((item) =>
        outgoingEvent(itemTable.events.ItemChanged, item.itemId, item),
      );
      const inserted = await database.insertWithEvents(itemTable, [bear, { ...standing, amount: 5 }, cat], events);
      expect(inserted.toSorted((a, b) => b.amount - a.amount)).toMatchObject([{ ...bear, isLarge: true }, cat]);
      expect(await amountOf(standing.itemId)).toBe(1);
      const amounts = (await opened.events()).map(({ value }) => itemTable.events.ItemChanged.decode(value).amount);
      expect(amounts).toEqual([11, 1, 12]);
      expect(await database.insertWithEvents(itemTable, [cat], events.slice(2, 3))).toEqual([]);
      expect(await opened.events()).toHaveLength(3);
    });

    it('cancels jobs by name and key', async () => {
      await database.transaction(async (tx) => {
        for (const key of ['a', 'b', 'c']) scheduleJob(tx, { name: 'job', key, delayMs: 60_000 });
      });
      await database.transaction(async (tx) => {
        tx.cancelJobs('job', ['a', 'unknown']);
        tx.cancelJobs('other', ['b']);
      });
      expect(await opened.jobKeys()).toEqual(['b', 'c']);
    });

    it('pages rows in the order of their creation, by filters', async () => {
      const rows = [itemOf('ann', 20), itemOf('ben', 20), itemOf('ann', 1), itemOf('ann', 30), itemOf('ann', 40)];
      for (const row of rows) await insert(row);
      await items.change(rows[4]?.itemId ?? '', (row) => ({ state: { ...row, status: 'CLOSED' }, events: [] }));
      const idsOf = (indexes: readonly number[]) => indexes.map((index) => rows[index]?.itemId).toSorted();
      const list = async (filters: PageQuery['filters']) => (await pagesOf(database, filters)).map(({ itemId }) => itemId);
      const all = await pagesOf(database, {});
      expect(all).toEqual(all.toSorted((a, b) => a.createTime.getTime() - b.createTime.getTime() || (a.itemId < b.itemId ? -1 : 1)));
      expect((await list({ owner: '', status: 0, isLarge: false })).toSorted()).toEqual(idsOf([0, 1, 2, 3, 4]));
      expect((await list({ owner: 'ann' })).toSorted()).toEqual(idsOf([0, 2, 3, 4]));
      expect((await list({ owner: 'ann', isLarge: true, status: 1 })).toSorted()).toEqual(idsOf([0, 3]));
      expect(await list({ status: 9 })).toEqual([]);
    });
  });
}

/** Reads all pages of two rows. A page may be shorter while other transactions are open. */
async function pagesOf(database: Database, filters: PageQuery['filters']): Promise<Item[]> {
  const found: Item[] = [];
  for (let pages = 0; pages < 1000; pages++) {
    const last = found.at(-1);
    const { rows, hasMore } = await database.page(itemTable, { filters, after: last && [last.createTime, last.itemId], limit: 2 });
    expect(rows.length).toBeLessThanOrEqual(2);
    found.push(...rows);
    if (!hasMore) return found;
  }
  throw new Error('the list does not end');
}

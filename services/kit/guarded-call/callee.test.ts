import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { Store } from '../postgres/store.ts';
import { integer, table, text, uuid } from '../postgres/table.ts';
import { callContext } from '../testing/call-context.ts';
import { MemoryDatabase } from '../testing/memory-database.ts';
import { GuardedEffects } from './callee.ts';

const stocks = table('stocks', {
  namespace: 'test.stock',
  id: 'stockId',
  columns: { stockId: text, free: integer },
  mutable: ['free'],
  events: {},
});

const takes = table('takes', {
  namespace: 'test.take',
  id: 'orderId',
  columns: { orderId: uuid, before: integer },
  mutable: [],
  events: {},
});

it('stores in one transaction what else belongs to an effect, once per effect', async () => {
  const database = new MemoryDatabase([stocks, takes]);
  const [stockStore, takeStore] = [new Store(database, stocks), new Store(database, takes)];
  const effects = new GuardedEffects({
    database,
    subjects: stocks,
    keyOf: ({ orderId }: { readonly orderId: string }) => ({ id: orderId, subjectId: 'stock' }),
    apply: (stock) => (stock === undefined || stock.free === 0 ? 'OUT' : { state: { ...stock, free: stock.free - 1 }, events: [] }),
    onApplied: async (applied, tx) => {
      const rows = applied.map(({ request: { orderId }, before }) => ({ orderId, before: before?.free ?? -1 }));
      await takeStore.changeAll(
        rows.map((state) => ({ id: state.orderId, rule: () => ({ state, events: [] }), isNew: true, trace: {} })),
        tx,
      );
    },
  });
  await stockStore.add('stock', { state: { stockId: 'stock', free: 2 }, events: [] });
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
  const { call } = callContext();
  const results = await Promise.all([first, first, second, third].map((orderId) => effects.apply({ orderId }, call)));
  expect(results.map((result) => (typeof result === 'string' ? result : result.free))).toEqual([0, 0, 0, 'OUT']);
  expect((await takeStore.findAll([first, second, third])).map(({ before }) => before)).toEqual([2, 1]);
});

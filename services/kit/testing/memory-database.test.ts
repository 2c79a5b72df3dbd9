import { describe, expect, it } from 'vitest';
import { Store } from '../postgres/store.ts';
import { describeDatabase, itemTable } from './database-contract.ts';
import { MemoryDatabase } from './memory-database.ts';

const open = () => new MemoryDatabase([itemTable], { generated: { isLarge: ({ amount }) => Number(amount) > 10 } });

describeDatabase('a database in memory', async () => {
  const database = open();
  return {
    database,
    events: async () => database.events,
    jobKeys: async () => database.jobs.map(({ key }) => key),
    close: async () => undefined,
  };
});

describe('a database in memory', () => {
  it('delivers events, and runs jobs once', async () => {
    const database = open();
    const items = new Store(database, itemTable);
    const { ItemChanged } = itemTable.events;
    const add = (itemId: string, amount: number) => ({
      state: { itemId, owner: 'ann', amount, status: 'OPEN' as const },
      events: [],
      jobs: [{ name: 'close', delayMs: 3000 }],
    });
    const handlers = [
      items.on(ItemChanged, ({ itemId, amount }) => ({ id: itemId, rule: (row) => (row ? undefined : add(itemId, amount)) })),
    ];
    const jobs = [
      items.onJob('close', ({ key }) => ({
        id: key,
        rule: (row) => row && { state: { ...row, status: 'CLOSED' }, events: ['ItemChanged'] },
      })),
    ];
    for (let deliveries = 0; deliveries < 2; deliveries++) await database.deliver(handlers, ItemChanged, { itemId: 'a', amount: 3 });
    expect(await items.find('a')).toMatchObject({ amount: 3, status: 'OPEN' });
    for (let runs = 0; runs < 2; runs++) await database.runJobs(jobs);
    expect(await items.find('a')).toMatchObject({ status: 'CLOSED', version: 2 });
    expect(database.eventsOf(ItemChanged)).toMatchObject([{ itemId: 'a', amount: 3 }]);
    expect(database.jobs).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { pageStatement, toPage } from './page-query.ts';
import { boolean, enumOf, generated, table, text, uuid } from './table.ts';

const things = table('things', {
  namespace: 'shop.thing',
  id: 'thingId',
  columns: { thingId: uuid, ownerName: text, status: enumOf({ STATUS_UNSPECIFIED: 0, NEW: 1, USED: 2 }), inStock: generated(boolean) },
  mutable: ['status'],
  events: {},
});

/** Rows with the ids 1 to `count`, of which those in `unsettled` are not settled. */
const rows = (count: number, unsettled: readonly number[] = []) =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1, isSettled: !unsettled.includes(index + 1) }));

const idsOf = (page: { readonly rows: readonly { readonly id: number }[] }) => page.rows.map(({ id }) => id);

describe('a page', () => {
  it('is the last one if there are no further rows, with all that are visible', () => {
    const page = toPage(rows(3, [2]), 3);
    expect(idsOf(page)).toEqual([1, 2, 3]);
    expect(page.hasMore).toBe(false);
  });

  it('has successors if there are further rows', () => {
    const page = toPage(rows(4), 3);
    expect(idsOf(page)).toEqual([1, 2, 3]);
    expect(page.hasMore).toBe(true);
  });

  it('with successors ends before a row that an open transaction may precede', () => {
    expect(idsOf(toPage(rows(4, [2]), 3))).toEqual([1]);
    expect(idsOf(toPage(rows(4, [1]), 3))).toEqual([]);
    expect(toPage(rows(4, [1]), 3).hasMore).toBe(true);
  });
});

describe('the statement of a page', () => {
  const statement = (filters: Record<string, unknown>, after?: readonly [Date, string]) =>
    pageStatement(things, { filters, after, limit: 3 });

  it('has only the conditions that are given', () => {
    const createTime = new Date(0);
    const { sql, values } = statement({ ownerName: 'Anna', status: 2, inStock: true }, [createTime, 'x']);
    expect(sql).toContain('where owner_name = $1 and status = $2 and in_stock and (create_time, thing_id) > ($3, $4)\n');
    expect(values).toEqual(['Anna', 'USED', createTime, 'x', 4]);
    const all = statement({ ownerName: '', status: 0, inStock: false });
    expect(all.sql).not.toContain('where');
    expect(all.values).toEqual([4]);
  });

  it('cannot filter by what is no column', () => {
    expect(() => statement({ color: 'red' })).toThrow('color');
  });
});

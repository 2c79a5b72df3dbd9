import { describe, expect, it } from 'vitest';
import { queryPage } from './page-query.ts';

/** Returns a fake table of rows with the ids 1 to `count`. The rows in `unsettled` are not settled. */
function table(count: number, unsettled: readonly number[] = []) {
  const statements: { readonly sql: string; readonly params: readonly unknown[] }[] = [];
  const queries = {
    async query<R>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
      statements.push({ sql, params });
      const limit = Number(params.at(-1));
      const rows = Array.from({ length: Math.min(count, limit) }, (_, index) => ({
        id: index + 1,
        isSettled: !unsettled.includes(index + 1),
      }));
      // The rows have the shape that queryPage selects.
      return rows as R[];
    },
  };
  return { queries, statements };
}

const page = { table: 'things', columns: 'id', idColumn: 'id', conditions: [], after: undefined, limit: 3 } as const;

describe('a page', () => {
  it('is the last one if there are no further rows, with all that are visible', async () => {
    expect(await queryPage(table(3, [2]).queries, page)).toEqual({ rows: [{ id: 1 }, { id: 2 }, { id: 3 }], hasMore: false });
  });

  it('has successors if there are further rows', async () => {
    expect(await queryPage(table(4).queries, page)).toEqual({ rows: [{ id: 1 }, { id: 2 }, { id: 3 }], hasMore: true });
  });

  it('with successors ends before a row that an open transaction may precede', async () => {
    expect(await queryPage(table(4, [2]).queries, page)).toEqual({ rows: [{ id: 1 }], hasMore: true });
    expect(await queryPage(table(4, [1]).queries, page)).toEqual({ rows: [], hasMore: true });
  });

  it('has only the conditions that are given in its statement', async () => {
    const { queries, statements } = table(0);
    const createTime = new Date(0);
    await queryPage(queries, {
      ...page,
      conditions: [{ sql: 'name = ?', value: 'lamp' }, { sql: 'in_stock' }],
      after: [createTime, 'x'],
    });
    expect(statements[0]?.sql).toContain('where name = $1 and in_stock and (create_time, id) > ($2, $3)\n');
    expect(statements[0]?.params).toEqual(['lamp', createTime, 'x', 4]);
  });
});

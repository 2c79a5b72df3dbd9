import type { Queries } from './database.ts';

/** A condition of a list: an SQL expression with `?` in the place of its value. */
export interface Condition {
  readonly sql: string;
  readonly value?: unknown;
}

/** One page of a table, ordered by (create_time, id). */
export interface PageQuery {
  readonly table: string;
  /** The columns of a row, as SQL; they include `createTime` and the id. */
  readonly columns: string;
  /** The column of the id. */
  readonly idColumn: string;
  /** The filters that were given. Each combination is a statement of its own, so that PostgreSQL plans it with its index. */
  readonly conditions: readonly Condition[];
  /** The page begins after this row. */
  readonly after: readonly [createTime: Date, id: string] | undefined;
  readonly limit: number;
}

/** The rows of a page, and whether a later page may have more. */
export interface RowPage<R> {
  readonly rows: R[];
  readonly hasMore: boolean;
}

/**
 * Transactions end after 10 s at the latest (`SERVICE_LIMITS`), so a row this old has none before it that may still commit.
 * The age also covers rows whose transaction id belongs to another cluster, after a restore.
 */
const SETTLED_SECONDS = 60;

/**
 * Reads a page so that pages never skip a row. create_time is the start of a transaction, so a transaction that commits
 * later may add a row before those that are already visible. A page with successors therefore ends before the first row
 * that such a transaction may precede, and may be shorter than the limit or empty. The last page has all visible rows.
 *
 * The table has the columns create_time and create_xid.
 */
export async function queryPage<R extends object>(queries: Queries, query: PageQuery): Promise<RowPage<R>> {
  const { table, columns, idColumn, conditions, after, limit } = query;
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const where = conditions.map(({ sql, value }) => (value === undefined ? sql : sql.replace('?', parameter(value))));
  if (after !== undefined) where.push(`(create_time, ${idColumn}) > (${parameter(after[0])}, ${parameter(after[1])})`);
  const rows = await queries.query<R & { isSettled: boolean }>(
    `select ${columns},
       create_xid < pg_snapshot_xmin(pg_current_snapshot()) or create_time < now() - interval '${SETTLED_SECONDS} s' as "isSettled"
     from ${table}${where.length > 0 ? ` where ${where.join(' and ')}` : ''}
     order by create_time, ${idColumn} limit ${parameter(limit + 1)}`,
    values,
  );
  const page = rows.map(({ isSettled: _, ...row }) => row as unknown as R);
  if (rows.length <= limit) return { rows: page, hasMore: false };
  const unsettled = rows.findIndex(({ isSettled }) => !isSettled);
  return { rows: page.slice(0, unsettled === -1 ? limit : Math.min(unsettled, limit)), hasMore: true };
}

import { snakeCase } from './statements.ts';
import type { AnyTable } from './table.ts';

/** One page of a table, ordered by (create_time, id). */
export interface PageQuery {
  /** Values of columns by their fields; enums as numbers. An empty text, false, 0, and undefined mean all. */
  readonly filters: Readonly<Record<string, unknown>>;
  /** The page begins after this row. */
  readonly after: readonly [createTime: Date, id: string] | undefined;
  readonly limit: number;
}

/** The rows of a page, and whether a later page may have more. */
export interface RowPage<R> {
  readonly rows: R[];
  readonly hasMore: boolean;
}

/** Whether no open transaction may add a row before a row. */
export interface Settled {
  readonly isSettled: boolean;
}

/**
 * Transactions end after 10 s at the latest (`SERVICE_LIMITS`), so a row this old has none before it that may still commit.
 * The age also covers rows whose transaction id belongs to another cluster, after a restore.
 */
const SETTLED_SECONDS = 60;

/**
 * Returns the statement of a page, which reads one row more than the limit. create_time is the start of a transaction, so a
 * transaction that commits later may add a row before those that are already visible: the statement also reads which rows are
 * `Settled`. Each combination of filters is a statement of its own, so that PostgreSQL plans it with its index.
 */
export function pageStatement(table: AnyTable, { filters, after, limit }: PageQuery): { readonly sql: string; readonly values: unknown[] } {
  const { columns, id } = table.statements;
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const where = conditionsOf(table, filters).map(([field, value]) =>
    value === true ? snakeCase(field) : `${snakeCase(field)} = ${parameter(value)}`,
  );
  if (after !== undefined) where.push(`(create_time, ${id}) > (${parameter(after[0])}, ${parameter(after[1])})`);
  const sql = `select ${columns},
       create_xid < pg_snapshot_xmin(pg_current_snapshot()) or create_time < now() - interval '${SETTLED_SECONDS} s' as "isSettled"
     from ${table.name}${where.length > 0 ? ` where ${where.join(' and ')}` : ''}
     order by create_time, ${id} limit ${parameter(limit + 1)}`;
  return { sql, values };
}

/** Returns the columns that filters restrict, with the values of the rows to return: names of enums instead of numbers. */
export function conditionsOf(table: AnyTable, filters: PageQuery['filters']): (readonly [field: string, value: unknown])[] {
  return Object.entries(filters).flatMap(([field, value]) => {
    const column = table.columns[field];
    if (column === undefined) throw new Error(`${table.name} has no column for the filter ${field}`);
    if (value === undefined || value === '' || value === 0 || value === false) return [];
    return [[field, column.enumeration === undefined ? value : nameOf(column.enumeration, value)] as const];
  });
}

/**
 * Returns the page of the rows that its statement read, so that pages never skip a row. A page with successors ends before the first
 * row that an open transaction may precede, and may be shorter than the limit or empty. The last page has all visible rows.
 */
export function toPage<R extends object>(rows: readonly (R & Settled)[], limit: number): RowPage<R> {
  if (rows.length <= limit) return { rows: [...rows], hasMore: false };
  const unsettled = rows.findIndex(({ isSettled }) => !isSettled);
  return { rows: rows.slice(0, unsettled === -1 ? limit : Math.min(unsettled, limit)), hasMore: true };
}

/** Returns the name of an enum's number; undefined, which no row has, if there is none. */
function nameOf(enumeration: Readonly<Record<string, number>>, number: unknown): string | undefined {
  return Object.keys(enumeration).find((name) => enumeration[name] === number);
}

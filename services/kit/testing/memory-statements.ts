import { INSERT_EFFECTS, LOCK_EFFECTS, RELEASE_EFFECTS } from '../guarded-call/effects.ts';
import { conditionsOf, type PageQuery, type RowPage } from '../postgres/page-query.ts';
import { fieldOf } from '../postgres/rows.ts';
import type { AnyTable, Row } from '../postgres/table.ts';

type StoredRow = Readonly<Record<string, unknown>>;

/** The rows of all tables, by the name of the table and by id. Rows are never changed, only replaced. */
export type Tables = ReadonlyMap<string, Map<string, StoredRow>>;

/** Runs a statement with its parameters. `now` is the start of the transaction. */
export type Statement = (params: readonly unknown[], tables: Tables, now: Date) => StoredRow[];

/** The value of each generated column, by its field. */
export type GeneratedColumns = Readonly<Record<string, (row: StoredRow) => unknown>>;

const EFFECTS = 'guarded_effects';

export function copyOf(tables: Tables): Tables {
  return new Map([...tables].map(([name, rows]) => [name, new Map(rows)]));
}

/** Returns no rows for each table, and for the effects of guarded calls. */
export function emptyTables(tables: readonly AnyTable[]): Tables {
  return new Map([...tables.map(({ name }) => name), EFFECTS].map((name) => [name, new Map<string, StoredRow>()]));
}

/** Returns what the statements of tables do, by their SQL. */
export function statementsOf(tables: readonly AnyTable[], generated: GeneratedColumns): ReadonlyMap<string, Statement> {
  return new Map([...tables.flatMap((table) => tableStatements(table, generated)), ...effectStatements]);
}

function tableStatements(table: AnyTable, generated: GeneratedColumns): (readonly [string, Statement])[] {
  const { statements, name, id } = table;
  const select: Statement = ([ids], tables) => existing(tables, name, ids);
  const complete = (row: StoredRow): StoredRow => {
    const computed = Object.keys(table.columns).filter((field) => table.columns[field]?.isGenerated);
    return { ...row, ...Object.fromEntries(computed.map((field) => [field, generated[field]?.(row)])) };
  };
  const insert: Statement = (params, tables, now) => {
    const rows = rowsOf(tables, name);
    const added = fromColumns(statements.inserted, params).filter((row) => !rows.has(String(row[id])));
    return added.map((row) => put(rows, String(row[id]), complete({ ...row, createTime: now, updateTime: now })));
  };
  const update: Statement = (params, tables, now) => {
    const rows = rowsOf(tables, name);
    return fromColumns(statements.updated, params).flatMap((change) => {
      const row = rows.get(String(change[id]));
      return row === undefined ? [] : [put(rows, String(change[id]), complete({ ...row, ...change, updateTime: now }))];
    });
  };
  return [
    [statements.select, select],
    [statements.lock, select],
    [statements.insert, insert],
    [statements.update, update],
  ];
}

const effectStatements: readonly (readonly [string, Statement])[] = [
  [LOCK_EFFECTS, ([ids], tables) => existing(tables, EFFECTS, ids)],
  [
    INSERT_EFFECTS,
    (params, tables) => {
      const rows = rowsOf(tables, EFFECTS);
      for (const effect of fromColumns(['id', 'subjectId', 'state'], params)) put(rows, String(effect.id), effect);
      return [];
    },
  ],
  [
    RELEASE_EFFECTS,
    ([ids], tables) => {
      const rows = rowsOf(tables, EFFECTS);
      for (const effect of existing(tables, EFFECTS, ids)) put(rows, String(effect.id), { ...effect, state: 'RELEASED' });
      return [];
    },
  ],
];

/** Returns a page of a table. Every row that is committed is settled. */
export function pageOf<T extends AnyTable>(table: T, { filters, after, limit }: PageQuery, tables: Tables): RowPage<Row<T>> {
  // The rows of the table were inserted by its statement.
  const rows = [...rowsOf(tables, table.name).values()] as unknown as Row<T>[];
  const conditions = conditionsOf(table, filters);
  const matching = rows
    .filter((row) => conditions.every(([field, value]) => fieldOf(row, field) === value))
    .map((row) => ({ row, key: sortKey(row.createTime, String(fieldOf(row, table.id))) }))
    .filter(({ key }) => after === undefined || key > sortKey(...after))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return { rows: matching.slice(0, limit).map(({ row }) => row), hasMore: matching.length > limit };
}

function sortKey(createTime: Date, id: string): string {
  return `${createTime.toISOString()} ${id}`;
}

function rowsOf(tables: Tables, name: string): Map<string, StoredRow> {
  const rows = tables.get(name);
  if (rows === undefined) throw new Error(`the test double has no table ${name}`);
  return rows;
}

function existing(tables: Tables, name: string, ids: unknown): StoredRow[] {
  const rows = rowsOf(tables, name);
  // The ids of a statement are an array of texts.
  return (ids as readonly string[]).map((id) => rows.get(id)).filter((row) => row !== undefined);
}

function put(rows: Map<string, StoredRow>, id: string, row: StoredRow): StoredRow {
  rows.set(id, row);
  return row;
}

/** Returns the rows of a statement that takes an array per column. */
function fromColumns(fields: readonly string[], params: readonly unknown[]): StoredRow[] {
  // Each parameter is the array of a column.
  const columns = params as readonly (readonly unknown[])[];
  return (columns[0] ?? []).map((_, index) => Object.fromEntries(fields.map((field, column) => [field, columns[column]?.[index]])));
}

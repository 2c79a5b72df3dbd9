import type { Queries, Tx } from './database.ts';
import type { AnyTable, Row, State, Versioned } from './table.ts';

/** Returns the rows that exist of these ids, in any order. */
export async function selectRows<T extends AnyTable>(table: T, ids: readonly string[], queries: Queries): Promise<Row<T>[]> {
  if (ids.length === 0) return [];
  return await queries.query<Row<T>>(table.statements.select, [[...new Set(ids)]]);
}

/** Locks the rows that exist of these ids, in the order of the ids, and returns them. */
export async function lockRows<T extends AnyTable>(table: T, ids: readonly string[], tx: Tx): Promise<Row<T>[]> {
  if (ids.length === 0) return [];
  return await tx.query<Row<T>>(table.statements.lock, [[...new Set(ids)].sort()]);
}

/** Inserts the rows whose keys are new, and returns them. */
export async function insertRows<T extends AnyTable>(table: T, rows: readonly Versioned<T>[], tx: Tx): Promise<Row<T>[]> {
  if (rows.length === 0) return [];
  return await tx.query<Row<T>>(table.statements.insert, insertValues(table, rows));
}

/** Updates the mutable columns and the version of rows, and returns the rows. Lock them before. */
export async function updateRows<T extends AnyTable>(table: T, rows: readonly Versioned<T>[], tx: Tx): Promise<Row<T>[]> {
  if (rows.length === 0) return [];
  return await tx.query<Row<T>>(table.statements.update, valuesOf(table.statements.updated, sortedById(table, rows)));
}

/** Like `updateRows`, without a round trip of its own: the rows are not returned. */
export function writeRows<T extends AnyTable>(table: T, rows: readonly Versioned<T>[], tx: Tx): void {
  if (rows.length > 0) tx.write(table.statements.update, valuesOf(table.statements.updated, sortedById(table, rows)));
}

/** Returns the id of a row. */
export function idOf<T extends AnyTable>(table: T, row: State<T>): string {
  return String(fieldOf(row, table.id));
}

/** Returns a field of a row by its name. */
export function fieldOf(row: object, field: string): unknown {
  // A row is an object with its fields.
  return (row as Readonly<Record<string, unknown>>)[field];
}

/** Whether two rows have the same value of a field. */
export function hasSameField(a: object, b: object, field: string): boolean {
  const [left, right] = [fieldOf(a, field), fieldOf(b, field)];
  return left instanceof Date && right instanceof Date ? left.getTime() === right.getTime() : left === right;
}

/** Returns the parameters of the insertion of rows, in the order of their ids, so that transactions never deadlock. */
export function insertValues<T extends AnyTable>(table: T, rows: readonly Versioned<T>[]): unknown[][] {
  return valuesOf(table.statements.inserted, sortedById(table, rows));
}

function valuesOf(fields: readonly string[], rows: readonly object[]): unknown[][] {
  return fields.map((field) => rows.map((row) => fieldOf(row, field)));
}

function sortedById<T extends AnyTable>(table: T, rows: readonly Versioned<T>[]): Versioned<T>[] {
  return rows.toSorted((a, b) => (idOf(table, a) < idOf(table, b) ? -1 : 1));
}

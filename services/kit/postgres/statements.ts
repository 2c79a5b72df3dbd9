import type { Column } from './columns.ts';

/** The SQL of a table. */
export interface Statements {
  /** The columns of a row, as SQL. */
  readonly columns: string;
  /** The column of the id. */
  readonly id: string;
  /** Selects rows by ids ($1). */
  readonly select: string;
  /** Like select, and locks the rows in the order of their ids, so that transactions never deadlock. */
  readonly lock: string;
  /** Inserts rows, given as an array per field of `inserted`, and returns those whose keys are new. */
  readonly insert: string;
  readonly inserted: readonly string[];
  /** Updates rows, given as an array per field of `updated`, and returns them. */
  readonly update: string;
  readonly updated: readonly string[];
  /** The fields that an update does not change. */
  readonly fixed: readonly string[];
}

const VERSION: Column<number> = { sql: 'bigint' };

/** The parts of a table's declaration that decide its SQL. */
interface StatementOptions {
  readonly id: string;
  readonly columns: Readonly<Record<string, Column>>;
  readonly mutable: readonly string[];
}

/** Builds the SQL of a table: one statement for any number of rows. */
export function statementsOf(name: string, options: StatementOptions): Statements {
  const columns: Readonly<Record<string, Column>> = { ...options.columns, version: VERSION };
  const arrays = (fields: readonly string[]) => fields.map((field, index) => `$${index + 1}::${columns[field]?.sql}[]`).join(', ');
  const returned = [...Object.keys(columns), 'createTime', 'updateTime'].map((field) => `${name}.${snakeCase(field)} as "${field}"`);
  const row = returned.join(', ');
  const id = snakeCase(options.id);
  const select = `select ${row} from ${name} where ${id} = any($1)`;
  const inserted = Object.keys(columns).filter((field) => columns[field]?.isGenerated !== true);
  const updated = [options.id, ...options.mutable, 'version'];
  const changes = updated.slice(1).map((field) => `${snakeCase(field)} = changed.${snakeCase(field)}`);
  return {
    columns: row,
    id,
    select,
    lock: `${select} order by ${id} for update`,
    insert: `insert into ${name} (${inserted.map(snakeCase).join(', ')}) select * from unnest(${arrays(inserted)})
      on conflict do nothing returning ${row}`,
    inserted,
    update: `update ${name} set ${changes.join(', ')}, update_time = now()
      from unnest(${arrays(updated)}) as changed (${updated.map(snakeCase).join(', ')})
      where ${name}.${id} = changed.${id} returning ${row}`,
    updated,
    fixed: inserted.filter((field) => !updated.includes(field)),
  };
}

/** Returns the SQL name of a field: carId is car_id. */
export function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

import type { EventType } from '../events/event-type.ts';
import type { Column, EnumColumn, Enumeration, GeneratedColumn } from './columns.ts';
import { type Statements, statementsOf } from './statements.ts';

export { bigint, boolean, type Column, enumOf, generated, integer, text, timestamp, uuid } from './columns.ts';

/** What the store keeps about each row. */
export interface Stamps {
  /** 1 for a new row; grows by one with each change. */
  readonly version: number;
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** Event messages by their names, as ts-proto generates them. */
export type Events = Readonly<Record<string, EventType<unknown>>>;

/** The declaration of a table. */
export interface TableOptions<C, Id, E> {
  /** The namespace of ids that follow from idempotency keys or from other ids. It must never change. */
  readonly namespace: string;
  /** The column of the primary key, `<entity>Id`. The entity's name is used in errors: ORDER_NOT_FOUND. */
  readonly id: Id;
  /** Columns by the names of their fields in the contract; in SQL, carId is car_id. */
  readonly columns: C;
  /** The columns that rules may change. All others are written once. */
  readonly mutable: readonly (keyof C & string)[];
  /** The events that rules may publish. Their key is the entity's id. */
  readonly events: E;
}

/** A declared table. */
export interface Table<N, C, Id, E> extends TableOptions<C, Id, E>, Derived {
  readonly name: N;
}

/** Any declared table. */
export interface AnyTable extends Derived {
  readonly name: string;
  readonly namespace: string;
  readonly id: string;
  readonly columns: Readonly<Record<string, Column>>;
  readonly mutable: readonly string[];
  readonly events: Events;
}

/** What follows from the declaration. */
interface Derived {
  readonly statements: Statements;
  /** The columns that hold names of an enum. */
  readonly enums: readonly (readonly [field: string, enumeration: Enumeration])[];
}

/** The columns that rules set. */
export type State<T extends AnyTable> = {
  readonly [K in keyof T['columns'] as T['columns'][K] extends GeneratedColumn ? never : K]: ValueOf<T['columns'][K]>;
};

/** A row of a table. */
export type Row<T extends AnyTable> = State<T> & Stamps;

/** A row before the store has set its times. */
export type Versioned<T extends AnyTable> = State<T> & { readonly version: number };

/** A row as the contract has it: with the numbers of enums. */
export type Wire<T extends AnyTable> = Stamps & {
  [K in keyof T['columns']]: T['columns'][K] extends EnumColumn<infer E> ? E[keyof E] : ValueOf<T['columns'][K]>;
};

/** How a rule names an event: by name if the row has all its fields, else with the missing ones. */
export type EventOf<T extends AnyTable> = {
  [N in keyof T['events']]:
    | (Row<T> extends ContentOf<T['events'][N]> ? N : never)
    | { readonly [K in N]: Partial<ContentOf<T['events'][N]>> & Omit<ContentOf<T['events'][N]>, keyof Row<T>> };
}[keyof T['events']];

type ValueOf<C> = C extends Column<infer V> ? V : never;
/** The content of an event message. */
export type ContentOf<M> = M extends EventType<infer Content> ? Content : never;

/**
 * Declares a table. Besides its columns, the table has `version bigint`, `create_time` and `update_time timestamptz(3) default
 * now()`, and, for lists, `create_xid xid8 default pg_current_xact_id()`.
 */
export function table<
  const N extends string,
  const C extends Readonly<Record<string, Column>>,
  const Id extends keyof C & string,
  const E extends Events,
>(name: N, options: TableOptions<C, Id, E>): Table<N, C, Id, E> {
  const enums = Object.entries(options.columns).flatMap(([field, { enumeration }]) => (enumeration ? [[field, enumeration] as const] : []));
  return { ...options, name, statements: statementsOf(name, options), enums };
}

/** Returns a row with the numbers of enums in the place of their names. */
export function toWire<T extends AnyTable>(table: T, row: Row<T>): Wire<T> {
  const wire: Record<string, unknown> = { ...row };
  for (const [field, enumeration] of table.enums) wire[field] = enumeration[String(wire[field])];
  // The enums are replaced.
  return wire as Wire<T>;
}

/** A column: its type in PostgreSQL and the type T of its values. */
export interface Column<T = unknown> {
  readonly sql: 'uuid' | 'text' | 'int' | 'bigint' | 'boolean' | 'timestamptz';
  /** Whether PostgreSQL computes the value. */
  readonly isGenerated?: boolean;
  /** The enum of the contract whose names the column holds. */
  readonly enumeration?: Enumeration;
  /** Carries T. Never set. */
  readonly value?: T;
}

/** An enum as ts-proto generates it. The value 0 is named UNSPECIFIED and is never stored. */
export type Enumeration = Readonly<Record<string, number>>;

/** A column that holds names of an enum of the contract. */
export interface EnumColumn<E extends Enumeration> extends Column<Exclude<keyof E & string, `${string}UNSPECIFIED`>> {
  readonly enumeration: E;
}

/** A UUID in lower case. */
export const uuid: Column<string> = { sql: 'uuid' };
export const text: Column<string> = { sql: 'text' };
export const integer: Column<number> = { sql: 'int' };
/** A whole number up to 2^53. */
export const bigint: Column<number> = { sql: 'bigint' };
export const boolean: Column<boolean> = { sql: 'boolean' };
/** A time. Columns that a list is ordered by have whole milliseconds: timestamptz(3). */
export const timestamp: Column<Date> = { sql: 'timestamptz' };

/** A status or another enum of the contract. The column has type text and holds names; answers have the enum's numbers. */
export function enumOf<const E extends Enumeration>(enumeration: E): EnumColumn<E> {
  return { sql: 'text', enumeration };
}

/** A column that PostgreSQL computes (`generated always as`). */
export interface GeneratedColumn<T = unknown> extends Column<T> {
  readonly isGenerated: true;
}

/** Declares that PostgreSQL computes a column. */
export function generated<T>(column: Column<T>): GeneratedColumn<T> {
  return { ...column, isGenerated: true };
}

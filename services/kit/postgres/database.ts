import type { OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import type { OutgoingJob } from '../jobs/job.ts';
import type { PageQuery, RowPage } from './page-query.ts';
import type { AnyTable, Row, Versioned } from './table.ts';

/** Where SQL runs: a database, or one transaction in it. */
export interface Queries {
  /**
   * Runs one statement and returns its rows. The caller states their shape R; int8 is a number, timestamptz a Date.
   *
   * Each connection prepares a statement once, so a statement names its columns: a prepared `*` fails when the migration
   * of another version adds one.
   */
  query<R>(sql: string, params?: readonly unknown[]): Promise<R[]>;
}

/**
 * One transaction. Statements that do not need each other's rows may start at once: they run in order, and each sees the
 * effects of those before it.
 */
export interface Tx extends Queries {
  /**
   * Runs a statement whose rows are not needed. The statement is sent together with the next one and costs no round trip.
   * If it fails, the transaction fails with its error.
   */
  write(sql: string, params?: readonly unknown[]): void;
  /** Appends events to the outbox, in this order. The commit writes them as one row. */
  append(events: readonly OutboxEvent[]): void;
  /** Schedules jobs, without a round trip of its own. See `scheduleJob`. */
  schedule(jobs: readonly OutgoingJob[]): void;
  /** Deletes the jobs of a name and these keys, without a round trip of its own. A job that is running now is not cancelled. */
  cancelJobs(name: string, keys: readonly string[]): void;
}

/** Limits of one transaction, where they differ from those of the session. */
export interface TransactionOptions {
  /** How long a statement waits for a lock, in milliseconds. */
  readonly lockMs?: number;
}

/** A PostgreSQL database. Each statement outside a transaction is a transaction of its own. */
export interface Database extends Queries {
  /**
   * Runs work in one transaction. Commits when the work returns; rolls back and rethrows when it throws.
   *
   * An error of a transaction that was certainly not committed is reported by `isUncommitted`.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Inserts the rows whose ids are new, and appends the events whose key is one of these ids to the outbox, in a transaction of
   * their own and one round trip. Returns the inserted rows. Errors are like those of `transaction`.
   */
  insertWithEvents<T extends AnyTable>(table: T, rows: readonly Versioned<T>[], events: readonly OutboxEvent[]): Promise<Row<T>[]>;
  /** Reads a page of a table so that pages never skip a row. */
  page<T extends AnyTable>(table: T, query: PageQuery): Promise<RowPage<Row<T>>>;
}

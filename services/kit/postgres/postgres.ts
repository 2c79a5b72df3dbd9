import pg from 'pg';
import { OutboxBatch, type OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import type { OutgoingJob } from '../jobs/job.ts';
import { type Logger, reasonOf } from '../runtime/log.ts';
import type { Database, TransactionOptions, Tx } from './database.ts';
import { type PageQuery, pageStatement, type RowPage, type Settled, toPage } from './page-query.ts';
import { insertValues } from './rows.ts';
import { connectionConfig, SERVICE_LIMITS, type SessionLimits } from './sessions.ts';
import type { AnyTable, Row, Versioned } from './table.ts';
import { markUncommitted } from './uncommitted.ts';

const SCHEDULE = `insert into jobs (name, key, payload, due_time, trace)
  select name, key, payload, now() + delay_ms * interval '1 ms', trace
  from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[]) as job (name, key, payload, delay_ms, trace)`;

/**
 * A job that is running is locked by its worker, which may wait for a row that the cancelling transaction has locked. Skipping the
 * job avoids the deadlock.
 */
const CANCEL_JOBS = `delete from jobs where id in (
  select id from jobs where name = $1 and key = any($2) for update skip locked)`;

/** How to reach a database. */
export interface DatabaseOptions {
  readonly url: string;
  /** The largest number of connections. */
  readonly poolSize: number;
  readonly log: Logger;
  /** Limits of the sessions, where they differ from `SERVICE_LIMITS`. */
  readonly limits?: Partial<SessionLimits> | undefined;
}

/** A pool of connections to PostgreSQL. */
export class PostgresDatabase implements Database {
  readonly url: string;
  readonly #pool: pg.Pool;
  readonly #appendListeners = new Set<() => void>();
  readonly #scheduleListeners = new Set<() => void>();

  constructor({ url, poolSize, log, limits }: DatabaseOptions) {
    this.url = url;
    this.#pool = new pg.Pool({ ...connectionConfig(url, { ...SERVICE_LIMITS, ...limits }), max: poolSize, pipeline: true });
    // Without a listener of its own, a connection that breaks between two users of the pool ends the process.
    this.#pool.on('connect', (client) =>
      client.on('error', (error: Error) => log.warn({ error: reasonOf(error) }, 'a database connection was lost')),
    );
    // The connection's own listener has logged the error.
    this.#pool.on('error', () => undefined);
  }

  async query<R>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    const { rows } = await this.#pool.query(prepared(sql, params));
    return rows;
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>, { lockMs }: TransactionOptions = {}): Promise<T> {
    const client = await this.#connect();
    const tx = new Transaction(client);
    let isBroken = false;
    try {
      sendTogether(client);
      // If it fails, so does every later statement.
      client.query(lockMs === undefined ? 'begin' : `begin; set local lock_timeout = ${lockMs}`).catch(() => undefined);
      const result = await work(tx);
      await tx.commit();
      if (tx.hasEvents) this.#appended();
      if (tx.hasJobs) for (const listener of this.#scheduleListeners) listener();
      return result;
    } catch (error) {
      // Discard the connection if the rollback fails.
      isBroken = await client.query('rollback').then(
        () => false,
        () => true,
      );
      const cause = tx.failure ?? error;
      if (!tx.isCommitSent) markUncommitted(cause);
      throw cause;
    } finally {
      client.release(isBroken);
    }
  }

  async insertWithEvents<T extends AnyTable>(table: T, rows: readonly Versioned<T>[], events: readonly OutboxEvent[]): Promise<Row<T>[]> {
    const columns = insertValues(table, rows);
    const [keys, values] = [events.map(({ key }) => key), events.map((event) => outboxBatch([event]))];
    const client = await this.#connect();
    let isBroken = false;
    try {
      const inserted = await client.query(prepared(insertionWithEvents(table, columns.length), [...columns, keys, values]));
      if (inserted.rows.length > 0 && events.length > 0) this.#appended();
      return inserted.rows;
    } catch (error) {
      // After any other end of the connection the server may have committed.
      const isRefused = error instanceof pg.DatabaseError && error.severity === 'ERROR';
      if (isRefused) markUncommitted(error);
      isBroken = !isRefused;
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  async page<T extends AnyTable>(table: T, query: PageQuery): Promise<RowPage<Row<T>>> {
    const { sql, values } = pageStatement(table, query);
    return toPage(await this.query<Row<T> & Settled>(sql, values), query.limit);
  }

  /** Calls the listener after each commit of a transaction that appended to the outbox. */
  onAppend(listener: () => void): void {
    this.#appendListeners.add(listener);
  }

  /** Calls the listener after each commit of a transaction that scheduled jobs. */
  onSchedule(listener: () => void): void {
    this.#scheduleListeners.add(listener);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  #appended(): void {
    for (const listener of this.#appendListeners) listener();
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      markUncommitted(error);
      throw error;
    }
  }
}

class Transaction implements Tx {
  readonly #client: pg.PoolClient;
  readonly #events: OutboxEvent[] = [];
  hasJobs = false;
  /** The error of the first write that failed. Later statements only report that the transaction is aborted. */
  failure: unknown;
  /** Whether a COMMIT without a preceding error is on its way, so that the outcome is decided by the server. */
  isCommitSent = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async query<R>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    sendTogether(this.#client);
    const { rows } = await this.#client.query(prepared(sql, params));
    return rows;
  }

  write(sql: string, params: readonly unknown[] = []): void {
    this.query(sql, params).catch((error: unknown) => {
      this.failure ??= error;
    });
  }

  append(events: readonly OutboxEvent[]): void {
    this.#events.push(...events);
  }

  schedule(jobs: readonly OutgoingJob[]): void {
    if (jobs.length === 0) return;
    const column = (pick: (job: OutgoingJob) => unknown) => jobs.map(pick);
    this.hasJobs = true;
    this.write(SCHEDULE, [
      column(({ name }) => name),
      column(({ key }) => key),
      column(({ payload }) => payload),
      column(({ delayMs }) => delayMs),
      column(({ trace }) => JSON.stringify(trace)),
    ]);
  }

  cancelJobs(name: string, keys: readonly string[]): void {
    if (keys.length > 0) this.write(CANCEL_JOBS, [name, keys]);
  }

  get hasEvents(): boolean {
    return this.#events.length > 0;
  }

  /** Writes the appended events and commits, in one round trip. */
  async commit(): Promise<void> {
    if (this.hasEvents) {
      this.write('insert into outbox (events) values ($1)', [outboxBatch(this.#events)]);
    }
    this.isCommitSent = true;
    const { command } = await this.#client.query('commit');
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and without an error.
    if (command === 'ROLLBACK') {
      this.isCommitSent = false;
      throw new Error('the transaction was rolled back, since a statement in it had failed');
    }
  }
}

/**
 * Sends what a connection is given in this turn of the event loop in one write. Otherwise every statement is a write of its own,
 * which wakes the server.
 */
function sendTogether({ connection: { stream } }: pg.PoolClient): void {
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/**
 * Returns the SQL of an insertion with events. After the columns of the rows it takes the keys of the events and the events, each
 * as an outbox row of its own. Such rows are protobuf messages with one repeated field, so a concatenation of them is the row with
 * all their events.
 */
function insertionWithEvents(table: AnyTable, columns: number): string {
  const [keys, events] = [`$${columns + 1}::text[]`, `$${columns + 2}::bytea[]`];
  return `with inserted as (${table.statements.insert}), appended as (
    insert into outbox (events) select string_agg(event, '' order by position)
    from unnest(${keys}, ${events}) with ordinality as outgoing (key, event, position)
    where key in (select "${table.id}"::text from inserted) having count(*) > 0)
    select * from inserted`;
}

/** The value of an outbox row. */
function outboxBatch(events: readonly OutboxEvent[]): Buffer {
  const batch = OutboxBatch.encode({ events: [...events] }).finish();
  return Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
}

/** Names of prepared statements, by text. The sources bound their number. */
const statementNames = new Map<string, string>();

/** Prepares each statement once per connection: parsing and planning cost more than running the short statements of a service. */
function prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
  const name = statementNames.get(text) ?? `s${statementNames.size + 1}`;
  statementNames.set(text, name);
  return { name, text, values: [...values] };
}

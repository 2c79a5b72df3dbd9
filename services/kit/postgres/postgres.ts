import pg from 'pg';
import { OutboxBatch, type OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import { type Logger, reasonOf } from '../runtime/log.ts';
import { type Database, markUncommitted, type Tx } from './database.ts';
import { connectionConfig, SERVICE_LIMITS, type SessionLimits } from './sessions.ts';

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

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    const tx = new Transaction(client);
    let isBroken = false;
    try {
      // Sent together with the first statement. If it fails, so does every later statement.
      client.query('begin').catch(() => undefined);
      const result = await work(tx);
      if (await tx.commit()) for (const listener of this.#appendListeners) listener();
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

  /** Calls the listener after each commit of a transaction that appended to the outbox. */
  onAppend(listener: () => void): void {
    this.#appendListeners.add(listener);
  }

  async close(): Promise<void> {
    await this.#pool.end();
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
  /** The error of the first write that failed. Later statements only report that the transaction is aborted. */
  failure: unknown;
  /** Whether a COMMIT without a preceding error is on its way, so that the outcome is decided by the server. */
  isCommitSent = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async query<R>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
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

  /** Writes the appended events and commits, in one round trip. Returns whether there were any events. */
  async commit(): Promise<boolean> {
    const hasEvents = this.#events.length > 0;
    if (hasEvents) {
      const batch = OutboxBatch.encode({ events: this.#events }).finish();
      this.write('insert into outbox (events) values ($1)', [Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength)]);
    }
    this.isCommitSent = true;
    const { command } = await this.#client.query('commit');
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and without an error.
    if (command === 'ROLLBACK') {
      this.isCommitSent = false;
      throw new Error('the transaction was rolled back, since a statement in it had failed');
    }
    return hasEvents;
  }
}

/** Names of prepared statements, by text. The sources bound their number. */
const statementNames = new Map<string, string>();

/** Prepares each statement once per connection: parsing and planning cost more than running the short statements of a service. */
function prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
  const name = statementNames.get(text) ?? `s${statementNames.size + 1}`;
  statementNames.set(text, name);
  return { name, text, values: [...values] };
}

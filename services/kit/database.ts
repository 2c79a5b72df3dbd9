import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { type Logger, reasonOf } from './log.ts';
import { lostStore } from './lost-store.ts';
import { backoff, pause } from './waiting.ts';

/** Where SQL can be run: a database, or one transaction in it. */
export interface Tx {
  /**
   * Runs one statement and returns its rows. R is what the statement returns, which only the caller knows; int8 comes as number,
   * timestamptz as Date.
   */
  query<R>(sql: string, params?: readonly unknown[]): Promise<R[]>;
}

/** A PostgreSQL database. Each statement outside a transaction is its own. */
export interface Database extends Tx {
  /** Runs work in one transaction: commits when it returns, rolls back and rethrows when it throws. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** How to reach a database. */
export interface DatabaseOptions {
  readonly url: string;
  /** The most connections at once. */
  readonly poolSize: number;
  readonly log: Logger;
}

/**
 * Connecting, and waiting for a connection while all are in use, may take this long; then the call fails as UNAVAILABLE instead of queueing
 * up.
 */
const CONNECT_TIMEOUT_MS = 5000;

/** After this much silence the system asks whether the other side still exists, so that a connection through a dead network ends. */
const KEEP_ALIVE_MS = 10_000;

/** The settings of every connection to the database. */
export function connectionConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    types: { getTypeParser },
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  };
}

/** A pool of connections to PostgreSQL. */
export class PostgresDatabase implements Database {
  readonly url: string;
  readonly #pool: pg.Pool;
  readonly #log: Logger;
  readonly #appendListeners = new Set<() => void>();

  constructor({ url, poolSize, log }: DatabaseOptions) {
    this.url = url;
    this.#log = log;
    this.#pool = new pg.Pool({ ...connectionConfig(url), max: poolSize });
    // The pool replaces a connection that breaks while it is idle; without a listener the event would end the process.
    this.#pool.on('error', (error) => log.warn({ error: reasonOf(error) }, 'an idle database connection was lost'));
  }

  async query<R>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    const { rows } = await this.#pool.query(sql, [...params]);
    return rows;
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // A connection that breaks between two statements reports it here; the next statement fails.
    const onError = (error: Error) => this.#log.warn({ error: reasonOf(error) }, 'a database connection was lost in a transaction');
    client.on('error', onError);
    const tx = new Transaction(client);
    let broken = false;
    try {
      await client.query('begin');
      const result = await work(tx);
      await client.query('commit');
      if (tx.appended) for (const listener of this.#appendListeners) listener();
      return result;
    } catch (error) {
      // What cannot be rolled back must not go back into the pool.
      broken = await client.query('rollback').then(
        () => false,
        () => true,
      );
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** Calls the listener after each commit of a transaction that appended to the outbox. */
  onAppend(listener: () => void): void {
    this.#appendListeners.add(listener);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** Says that a transaction has appended to the outbox, so that the relay is woken when it commits. */
export function markAppended(tx: Tx): void {
  if (tx instanceof Transaction) tx.appended = true;
}

class Transaction implements Tx {
  appended = false;
  readonly #client: pg.PoolClient;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async query<R>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    const { rows } = await this.#client.query(sql, [...params]);
    return rows;
  }
}

/**
 * Brings a database to the newest version: first the kit's own tables, then the service's, from folders of SQL files. Replicas that start
 * at once do it one after the other. While the database cannot be reached it is tried again until the signal is aborted; other errors are
 * thrown.
 */
export async function migrate(url: string, migrations: URL, log: Logger, signal: AbortSignal): Promise<void> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      await migrateOnce(url, migrations, log);
      return;
    } catch (error) {
      if (!lostStore(error)) throw error;
      log.warn({ error: reasonOf(error), failures }, 'waiting for the database');
      await pause(backoff(failures), signal);
    }
  }
}

async function migrateOnce(url: string, migrations: URL, log: Logger): Promise<void> {
  const dbClient = new pg.Client(connectionConfig(url));
  dbClient.on('error', () => undefined);
  await dbClient.connect();
  try {
    const logger = {
      debug: () => undefined,
      info: (text: string) => log.debug(text),
      warn: (text: string) => log.warn(text),
      error: (text: string) => log.error(text),
    };
    const common = { dbClient, direction: 'up', advisoryLockMode: 'wait', logger } as const;
    await runner({ ...common, dir: fileURLToPath(new URL('./migrations', import.meta.url)), migrationsTable: 'kit_migrations' });
    await runner({ ...common, dir: fileURLToPath(migrations), migrationsTable: 'migrations' });
  } finally {
    await dbClient.end();
  }
}

/** Versions and counts are far below 2^53; where an int8 is not, the query has to cast it to text. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is too large for a number`);
  return value;
}

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 && format !== 'binary' ? parseInt8 : pg.types.getTypeParser(oid, format);

import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { type Logger, reasonOf } from './log.ts';
import { isStoreUnavailable } from './transient-errors.ts';
import { backoff, pause } from './waiting.ts';

/** Where SQL can be run: a database, or one transaction in it. */
export interface Queries {
  /**
   * Runs one statement and returns its rows. R is what it returns, which only the caller knows; int8 comes as number, timestamptz as Date.
   *
   * It is prepared once for each connection, so it names its columns: a prepared `*` fails when another version's migration adds one.
   */
  query<R>(sql: string, params?: readonly unknown[]): Promise<R[]>;
}

/** One row of the outbox, to be written. */
export interface OutgoingEvent {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
}

/**
 * One transaction. Statements that do not need each other's answers may be started at once: they run one after the other, each seeing what
 * the ones before it did and what others had committed when it began.
 */
export interface Tx extends Queries {
  /**
   * Runs a statement whose rows nobody needs, on its way together with what comes next: it costs no round trip, so that the locks of the
   * transaction are held for a shorter time. If it fails, the transaction does, with its error.
   */
  write(sql: string, params?: readonly unknown[]): void;
  /** Appends events to the outbox, in this order; they are written with the commit, in one statement. */
  append(events: readonly OutgoingEvent[]): void;
}

/** A PostgreSQL database. Each statement outside a transaction is its own. */
export interface Database extends Queries {
  /**
   * Runs work in one transaction: commits when it returns, rolls back and rethrows when it throws. With the signal of a call, a transaction
   * whose caller is gone, or whose deadline has passed while it waited for a connection or a lock, is rolled back; its reason is thrown.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, signal?: AbortSignal): Promise<T>;
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
    this.#pool = new pg.Pool({ ...connectionConfig(url), max: poolSize, pipeline: true });
    // The pool replaces a connection that breaks while it is idle; without a listener the event would end the process.
    this.#pool.on('error', (error) => log.warn({ error: reasonOf(error) }, 'an idle database connection was lost'));
  }

  async query<R>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    const { rows } = await this.#pool.query(prepared(sql, params));
    return rows;
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const client = await this.#pool.connect();
    // A connection that breaks between two statements reports it here; the next statement fails.
    const onError = (error: Error) => this.#log.warn({ error: reasonOf(error) }, 'a database connection was lost in a transaction');
    client.on('error', onError);
    const tx = new Transaction(client);
    let broken = false;
    try {
      signal?.throwIfAborted();
      // On its way together with the first statement. If it fails, so does everything after it.
      client.query('begin').catch(() => undefined);
      const result = await work(tx);
      signal?.throwIfAborted();
      const appended = await tx.commit();
      if (appended) for (const listener of this.#appendListeners) listener();
      return result;
    } catch (error) {
      // What cannot be rolled back must not go back into the pool.
      broken = await client.query('rollback').then(
        () => false,
        () => true,
      );
      throw tx.failure ?? error;
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

class Transaction implements Tx {
  readonly #client: pg.PoolClient;
  readonly #events: OutgoingEvent[] = [];
  /** Why the first write failed, if one did: statements after it only say that the transaction is aborted. */
  failure: unknown;

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

  append(events: readonly OutgoingEvent[]): void {
    this.#events.push(...events);
  }

  /** Writes the appended events and commits, in one go. Returns whether there were any. */
  async commit(): Promise<boolean> {
    const appended = this.#events.length > 0;
    if (appended) this.write(...insertIntoOutbox(this.#events));
    const { command } = await this.#client.query('commit');
    // PostgreSQL answers so, without an error, where a statement had failed: a write, or one whose error was swallowed.
    if (command === 'ROLLBACK') throw new Error('the transaction was rolled back, since a statement in it had failed');
    return appended;
  }
}

/** Names of prepared statements. There are as many as the sources have statements. */
const statementNames = new Map<string, string>();

/** PostgreSQL spends more on parsing and planning a statement of ours than on running it: measured, a third of its time for a reservation. */
function prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
  const name = statementNames.get(text) ?? `s${statementNames.size + 1}`;
  statementNames.set(text, name);
  return { name, text, values: [...values] };
}

function insertIntoOutbox(events: readonly OutgoingEvent[]): [string, unknown[]] {
  return [
    `insert into outbox (topic, key, headers, value)
     select topic, key, headers::jsonb, value
     from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) with ordinality as row (topic, key, headers, value, position)
     order by position`,
    [
      events.map(({ topic }) => topic),
      events.map(({ key }) => key),
      events.map(({ headers }) => JSON.stringify(headers)),
      events.map(({ value }) => Buffer.from(value)),
    ],
  ];
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
      if (!isStoreUnavailable(error)) throw error;
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

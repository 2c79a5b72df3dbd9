import pg from 'pg';

/**
 * Limits of a PostgreSQL session, in milliseconds. A server ends what exceeds them, so that a frozen process or a lost
 * node cannot hold a lock or a connection for longer.
 */
export interface SessionLimits {
  /** Waiting for one lock. Below the shortest route timeout of a caller (1 s for a guarded call). */
  readonly lockMs: number;
  /** One statement. Below the route timeout of a write (5 s). */
  readonly statementMs: number;
  /** A transaction between two statements. */
  readonly idleInTransactionMs: number;
  /** A whole transaction. Below the lease of a guarded call. */
  readonly transactionMs: number;
  /** A session between two statements. 0: no limit. */
  readonly idleMs: number;
}

/** The limits of sessions that serve calls and events. */
export const SERVICE_LIMITS: SessionLimits = {
  lockMs: 800,
  statementMs: 4000,
  idleInTransactionMs: 5000,
  transactionMs: 10_000,
  idleMs: 0,
};

/** The limits of the relay's session, which the relay uses at least every second. */
export const RELAY_LIMITS: SessionLimits = { ...SERVICE_LIMITS, idleMs: 20_000 };

/** The limits of the session that migrates a database: building an index may take long. */
export const MIGRATION_LIMITS: SessionLimits = { ...SERVICE_LIMITS, lockMs: 0, statementMs: 0, idleInTransactionMs: 0, transactionMs: 0 };

/**
 * Connecting may take this long, in milliseconds, and so may waiting for a connection of the pool. Then a call fails
 * with UNAVAILABLE.
 */
const CONNECT_TIMEOUT_MS = 2000;

/** A statement without an answer for this long, in milliseconds, ends its connection: the server is gone. */
const QUERY_TIMEOUT_MS = 8000;

/** Seconds of silence before TCP probes the other side, seconds between probes, and lost probes that end a connection. */
const KEEPALIVE = { idle: 5, interval: 2, count: 3 } as const;

/** Unacknowledged data ends a connection after this long, in milliseconds. */
const TCP_USER_TIMEOUT_MS = 11_000;

/** Returns the configuration of a connection with these limits. */
export function connectionConfig(url: string, limits: SessionLimits): pg.ClientConfig {
  const parameters = {
    lock_timeout: limits.lockMs,
    statement_timeout: limits.statementMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    transaction_timeout: limits.transactionMs,
    idle_session_timeout: limits.idleMs,
    tcp_keepalives_idle: KEEPALIVE.idle,
    tcp_keepalives_interval: KEEPALIVE.interval,
    tcp_keepalives_count: KEEPALIVE.count,
    tcp_user_timeout: TCP_USER_TIMEOUT_MS,
  };
  return {
    connectionString: url,
    types: { getTypeParser },
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE.idle * 1000,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...(limits.statementMs > 0 && { query_timeout: QUERY_TIMEOUT_MS }),
    options: Object.entries(parameters)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  };
}

/** Versions and counts are far below 2^53; a query casts any other int8 to text. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is too large for a number`);
  return value;
}

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 && format !== 'binary' ? parseInt8 : pg.types.getTypeParser(oid, format);

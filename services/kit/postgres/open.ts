import type { Logger } from '../runtime/log.ts';
import { migrate } from './migration.ts';
import { PostgresDatabase } from './postgres.ts';
import { SERVICE_LIMITS, type SessionLimits } from './sessions.ts';

/** The database of a service. */
export interface OpenOptions {
  readonly url: string;
  readonly poolSize: number;
  /** A folder of SQL files. */
  readonly migrations: URL;
  /** The lease of the guarded calls that the service takes part in. */
  readonly leaseSeconds: number | undefined;
}

/**
 * Brings a database to its newest version and opens a pool of connections. Retries until the signal is aborted while the
 * database cannot be reached; throws other errors.
 */
export async function openDatabase(
  { url, poolSize, migrations, leaseSeconds }: OpenOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<PostgresDatabase> {
  await migrate(url, migrations, log, signal);
  return new PostgresDatabase({ url, poolSize, log, limits: limitsWithin(leaseSeconds) });
}

/** Ends transactions of a service with a lease well within the lease. */
function limitsWithin(leaseSeconds: number | undefined): Partial<SessionLimits> {
  if (leaseSeconds === undefined) return {};
  return { transactionMs: Math.min(SERVICE_LIMITS.transactionMs, leaseSeconds * 750) };
}

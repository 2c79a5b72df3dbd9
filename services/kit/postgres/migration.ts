import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { isStoreUnavailable } from '../events/transient-errors.ts';
import { type Logger, reasonOf } from '../runtime/log.ts';
import { backoff, pause } from '../runtime/waiting.ts';
import { connectionConfig, MIGRATION_LIMITS } from './sessions.ts';

/**
 * Brings a database to the newest version: first the tables of the service kit, then those of the service, from folders
 * of SQL files. Replicas that start at once migrate one after the other. Retries until the signal is aborted while the
 * database cannot be reached; throws other errors.
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
  const dbClient = new pg.Client(connectionConfig(url, MIGRATION_LIMITS));
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

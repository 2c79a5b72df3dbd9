import { type Db, MongoClient } from 'mongodb';
import { isStoreUnavailable } from '../events/transient-errors.ts';
import { type Logger, reasonOf } from '../runtime/log.ts';
import { backoff, pause } from '../runtime/waiting.ts';
import './mongo-connection.ts';

/** How long an operation waits for a server that can take it before it fails as UNAVAILABLE. */
const SELECTION_TIMEOUT_MS = 5000;

/** How long a connection waits for an answer before it is closed: above every maxTimeMS, for a server that stands still. */
const SOCKET_TIMEOUT_MS = 10_000;

/**
 * Connects to MongoDB and prepares the database, such as its indexes. Both are repeated while the server is unavailable, until the signal is
 * aborted; other errors are thrown.
 */
export async function connectMongo(
  uri: string,
  prepare: (db: Db) => Promise<void>,
  log: Logger,
  signal: AbortSignal,
): Promise<MongoClient> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS, socketTimeoutMS: SOCKET_TIMEOUT_MS });
  await untilAvailable(() => prepare(client.db()), log, signal);
  return client;
}

/** Repeats work while it fails because the server is unavailable. Throws its other errors, and the reason of the signal. */
export async function untilAvailable(work: () => Promise<void>, log: Logger, signal: AbortSignal): Promise<void> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      await work();
      return;
    } catch (error) {
      if (!isStoreUnavailable(error)) throw error;
      log.warn({ error: reasonOf(error), failures }, 'waiting for MongoDB');
      await pause(backoff(failures), signal);
    }
  }
}

import { MongoClient } from 'mongodb';
import { type Logger, reasonOf } from './log.ts';
import { isStoreUnavailable } from './transient-errors.ts';
import { backoff, pause } from './waiting.ts';

/** How long an operation waits for a server that can take it before it fails as UNAVAILABLE. */
const SELECTION_TIMEOUT_MS = 5000;

/** Connects to MongoDB. While it cannot be reached it is tried again until the signal is aborted; other errors are thrown. */
export async function connectMongo(uri: string, log: Logger, signal: AbortSignal): Promise<MongoClient> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS });
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      await client.connect();
      await client.db().command({ ping: 1 });
      return client;
    } catch (error) {
      if (!isStoreUnavailable(error)) throw error;
      log.warn({ error: reasonOf(error), failures }, 'waiting for MongoDB');
      await pause(backoff(failures), signal);
    }
  }
}

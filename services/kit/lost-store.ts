/**
 * SQLSTATEs of a database that cannot work now: connection exception, operator intervention, insufficient resources, read-only transaction
 * (the old primary after a failover).
 */
const LOST_SQLSTATE = /^(08...|57P0.|53...|25006)$/;

const LOST_SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** What pg says, without any code, of a connection that ends in the middle of a query or does not come about in time. */
const LOST_TEXT =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|timeout expired)/;

/** The driver's errors for a MongoDB that cannot be reached or has no primary; told by name, so that other services need not load it. */
const LOST_MONGO = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoConnectionPoolClearedError',
  'MongoWaitQueueTimeoutError',
  'MongoTopologyClosedError',
  'MongoNotConnectedError',
]);

/**
 * Codes of a MongoDB server that is not the primary, no longer or not yet, or that shuts down: the "state change errors" of the drivers'
 * specification of server discovery and monitoring.
 */
const LOST_MONGO_CODES = new Set([91, 189, 10107, 11600, 11602, 13435, 13436]);

/**
 * The driver wraps what keeps a bulk write from being sent, name and all, in the error of a bulk write. What the server says against one has a
 * code.
 */
function unsentBulkWrite(error: Error): boolean {
  return error.name === 'MongoBulkWriteError' && (!('code' in error) || error.code === undefined);
}

/** Whether an error means that a database could not be reached or the connection to it was lost, so that the same may succeed later. */
export function lostStore(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (LOST_MONGO.has(error.name) || LOST_TEXT.test(error.message) || unsentBulkWrite(error)) return true;
  if (error.name.startsWith('Mongo') && 'code' in error && LOST_MONGO_CODES.has(Number(error.code))) return true;
  if ('code' in error && typeof error.code === 'string' && (LOST_SQLSTATE.test(error.code) || LOST_SOCKET.has(error.code))) return true;
  // A host with several addresses fails with one error for each.
  return error instanceof AggregateError && error.errors.length > 0 && error.errors.every(lostStore);
}

/**
 * SQLSTATEs of a transaction that lost against another one or against the clock: serialization failure, deadlock, lock not available, query
 * cancelled.
 */
const LOST_RACE = new Set(['40001', '40P01', '55P03', '57014']);

/** Whether a transaction failed only because of what happened at the same time, so that the same may succeed if done again. */
export function lostRace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && LOST_RACE.has(error.code);
}

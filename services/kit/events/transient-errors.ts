/**
 * SQLSTATEs of a PostgreSQL that cannot work now: connection exception (08), insufficient resources such as a full disk (53), operator
 * intervention such as a shutdown (57P), system error such as a failed read (58), read-only server after a failover (25006), session ended by
 * a timeout (25P03, 25P04), database that accepts no connections (55000).
 */
const POSTGRES_UNAVAILABLE = /^(08...|53...|57P0.|58...|25006|25P03|25P04|55000)$/;

/**
 * SQLSTATEs of a transaction that lost against another one or against the clock: serialization failure, deadlock, lock not available, query
 * cancelled.
 */
const POSTGRES_BUSY = new Set(['40001', '40P01', '55P03', '57014']);

/** Messages of pg and pg-pool, which have no code: the connection ended or did not come about in time, or the pool is closed at a stop. */
const POSTGRES_MESSAGE =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|Query read timeout|timeout exceeded when trying to connect|timeout expired)/;

const SOCKET_UNAVAILABLE = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTDOWN', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH'],
]);

/** Errors of the MongoDB driver, by name so that services without MongoDB need not load it. */
const MONGO_UNAVAILABLE_NAMES = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoConnectionPoolClearedError',
  'MongoWaitQueueTimeoutError',
  'MongoTopologyClosedError',
  'MongoServerClosedError',
  'MongoClientClosedError',
  'MongoNotConnectedError',
]);

/**
 * Codes of a MongoDB server that cannot work now. Names as in the server's error_codes.yml:
 * - network between servers: HostUnreachable 6, HostNotFound 7, NetworkTimeout 89, SocketException 9001
 * - not the primary, or shutting down: ShutdownInProgress 91, PrimarySteppedDown 189, LegacyNotPrimary 10058, NotWritablePrimary 10107,
 *   InterruptedAtShutdown 11600, InterruptedDueToReplStateChange 11602, NotPrimaryNoSecondaryOk 13435, NotPrimaryOrSecondary 13436
 * - too few servers confirm: WriteConcernTimeout 64, UnsatisfiableWriteConcern 100, FailedToSatisfyReadPreference 133,
 *   ReadConcernMajorityNotAvailableYet 134
 * - files: FileNotOpen 33, FileStreamFailed 39, OutOfDiskSpace 14031
 */
const MONGO_UNAVAILABLE_CODES = new Set([
  ...[6, 7, 89, 9001],
  ...[91, 189, 10058, 10107, 11600, 11602, 13435, 13436],
  ...[64, 100, 133, 134],
  ...[33, 39, 14031],
]);

/**
 * Codes of a MongoDB operation that lost against another one or against the clock: LockTimeout 24, LockBusy 46, MaxTimeMSExpired 50,
 * WriteConflict 112, ExceededTimeLimit 262, TemporarilyUnavailable 365, Interrupted 11601.
 */
const MONGO_BUSY_CODES = new Set([24, 46, 50, 112, 262, 365, 11601]);

/** Whether an error means that a database cannot work now or cannot be reached, so that the same may succeed later. */
export function isStoreUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (MONGO_UNAVAILABLE_NAMES.has(error.name) || POSTGRES_MESSAGE.test(error.message) || isUnsentBulkWrite(error)) return true;
  const code = codeOf(error);
  if (typeof code === 'string' && (POSTGRES_UNAVAILABLE.test(code) || SOCKET_UNAVAILABLE.has(code))) return true;
  if (isMongoCode(error, MONGO_UNAVAILABLE_CODES)) return true;
  // A host with several addresses fails with one error for each.
  return error instanceof AggregateError && error.errors.length > 0 && error.errors.every(isStoreUnavailable);
}

/** Whether an operation failed only because of what happened at the same time, so that the same may succeed if done again. */
export function isStoreBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  return (typeof code === 'string' && POSTGRES_BUSY.has(code)) || isMongoCode(error, MONGO_BUSY_CODES);
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined;
}

function isMongoCode(error: Error, codes: ReadonlySet<number>): boolean {
  return error.name.startsWith('Mongo') && codes.has(Number(codeOf(error)));
}

/** The driver wraps what keeps a bulk write from being sent in MongoBulkWriteError. Refusals of the server have a code. */
function isUnsentBulkWrite(error: Error): boolean {
  return error.name === 'MongoBulkWriteError' && codeOf(error) === undefined;
}

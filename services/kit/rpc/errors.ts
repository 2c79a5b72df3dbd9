import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { isStoreBusy, isStoreUnavailable } from '../events/transient-errors.ts';
import { isUncommitted } from '../postgres/uncommitted.ts';
import { decodeDetails, type ErrorDetails, type FieldViolation, STATUS_DETAILS } from './status-details.ts';

/**
 * Keys of google.rpc.ErrorInfo.metadata that report a call without any effect, both with the value "true": the caller's
 * sidecar did not send the call (envoy/sidecar/replies.ts), or the callee did not commit anything.
 */
const NEVER_SENT = 'neverSent';
const NOTHING_DONE = 'nothingDone';

/** The optional parts of an RpcError. */
export interface RpcErrorOptions {
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly fieldViolations?: readonly FieldViolation[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly nothingDone?: boolean | undefined;
  readonly cause?: unknown;
}

/** The error of calls: a handler throws it, and a client call rejects with it. */
export class RpcError extends Error implements ErrorDetails {
  override readonly name = 'RpcError';
  /** The gRPC status code. */
  readonly code: status;
  /** The reason of google.rpc.ErrorInfo, in UPPER_SNAKE_CASE, for programs. */
  readonly reason: string;
  /** The metadata of google.rpc.ErrorInfo, for programs: ids and other details of the reason. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The invalid fields of the request. */
  readonly fieldViolations: readonly FieldViolation[];
  /** The time after which a repetition may succeed. Undefined: a repetition fails again. */
  readonly retryAfterSeconds: number | undefined;
  /**
   * Whether a failed call to a peer certainly had no effect: the call was not sent, or the peer reports that it committed
   * nothing. False where the outcome is unknown.
   */
  readonly nothingDone: boolean;

  constructor(code: status, reason: string, message: string, options: RpcErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.reason = reason;
    this.metadata = options.metadata ?? {};
    this.fieldViolations = options.fieldViolations ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.nothingDone = options.nothingDone ?? false;
  }
}

/** INVALID_ARGUMENT for one field, named as in JSON (`carId`). */
export function invalidArgument(field: string, description: string): RpcError {
  return invalidFields([{ field, description }]);
}

/** INVALID_ARGUMENT for several fields at once. */
export function invalidFields(fieldViolations: readonly FieldViolation[]): RpcError {
  const message = fieldViolations.map(({ field, description }) => `${field} ${description}`).join('; ');
  return new RpcError(status.INVALID_ARGUMENT, 'INVALID_FIELD', message, { fieldViolations });
}

/** NOT_FOUND: the requested resource does not exist. */
export function notFound(reason: string, message: string, metadata?: Record<string, string>): RpcError {
  return new RpcError(status.NOT_FOUND, reason, message, { metadata });
}

/** FAILED_PRECONDITION: the state of the resource does not allow the call. A repetition fails again. */
export function failedPrecondition(reason: string, message: string, metadata?: Record<string, string>): RpcError {
  return new RpcError(status.FAILED_PRECONDITION, reason, message, { metadata });
}

/** ALREADY_EXISTS: the resource exists with other content. */
export function alreadyExists(reason: string, message: string, metadata?: Record<string, string>): RpcError {
  return new RpcError(status.ALREADY_EXISTS, reason, message, { metadata });
}

/** ABORTED: the call lost against a concurrent one. */
export function aborted(reason: string, message: string, metadata?: Record<string, string>): RpcError {
  return new RpcError(status.ABORTED, reason, message, { metadata });
}

/** UNAVAILABLE: the same request may succeed after `retryAfterSeconds` (default 1). */
export function unavailable(
  reason: string,
  message: string,
  options: { retryAfterSeconds?: number; cause?: unknown; metadata?: Readonly<Record<string, string>> } = {},
): RpcError {
  return new RpcError(status.UNAVAILABLE, reason, message, { retryAfterSeconds: 1, ...options });
}

/**
 * Translates any thrown value, once, at the boundary of the service. A grpc-js ServiceError keeps its code, message and
 * details. A lost database connection is UNAVAILABLE with reason STORE_UNAVAILABLE; a transaction that lost against
 * another one is UNAVAILABLE with reason STORE_BUSY. Anything else is INTERNAL with a message that reveals nothing; the
 * original error is `cause`, for the log. Errors of uncommitted transactions carry the metadata `nothingDone`.
 */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (isServiceError(error)) return fromServiceError(error);
  const options = { cause: error, metadata: isUncommitted(error) ? { [NOTHING_DONE]: 'true' } : {} };
  if (isStoreUnavailable(error)) return unavailable('STORE_UNAVAILABLE', 'the data store cannot be reached, please try again', options);
  if (isStoreBusy(error)) return unavailable('STORE_BUSY', 'another call changed the same at the same time, please try again', options);
  return new RpcError(status.INTERNAL, 'INTERNAL', 'internal error', options);
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error && error.metadata instanceof Metadata;
}

function fromServiceError(error: ServiceError): RpcError {
  const details = decodeDetails(statusDetailsOf(error));
  // Holds for this call, not for the call that caused it.
  const { [NEVER_SENT]: neverSent, [NOTHING_DONE]: nothingDone, ...metadata } = details?.metadata ?? {};
  return new RpcError(error.code, details?.reason ?? status[error.code] ?? 'UNKNOWN', error.details, {
    metadata,
    nothingDone: neverSent === 'true' || nothingDone === 'true',
    fieldViolations: details?.fieldViolations,
    // A proxy's own UNAVAILABLE (no healthy host, breaker open) has no RetryInfo.
    retryAfterSeconds: details?.retryAfterSeconds ?? (error.code === status.UNAVAILABLE ? 1 : undefined),
    cause: error,
  });
}

function statusDetailsOf({ metadata }: Pick<StatusObject, 'metadata'>): Buffer | undefined {
  const [value] = metadata.get(STATUS_DETAILS);
  return Buffer.isBuffer(value) ? value : undefined;
}

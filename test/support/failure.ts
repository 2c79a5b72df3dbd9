import { type ServiceError, status } from '@grpc/grpc-js';
import { expect } from 'vitest';
import { BadRequest, ErrorInfo, RetryInfo } from '#proto/google/rpc/error_details.ts';
import { Status } from '#proto/google/rpc/status.ts';

/** An error answer of the system, whichever door it came through. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** The name of the gRPC status, such as NOT_FOUND. */
  readonly code: string;
  /** google.rpc.ErrorInfo, if there is one. */
  readonly reason: string | undefined;
  readonly domain: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** The fields that google.rpc.BadRequest names. */
  readonly fields: readonly string[];
  /** google.rpc.RetryInfo, in seconds. */
  readonly retrySeconds: number | undefined;
  /** The HTTP status of a REST answer. */
  readonly httpStatus: number | undefined;
  /** The Retry-After header of a REST answer, `retry-after` of a gRPC one. */
  readonly retryAfter: string | undefined;

  constructor(code: number, message: string, details: Details, http: { status?: number; retryAfter?: string | undefined } = {}) {
    super(message);
    this.code = status[code] ?? `code ${code}`;
    this.reason = details.info?.reason;
    this.domain = details.info?.domain;
    this.metadata = details.info?.metadata ?? {};
    this.fields = details.badRequest?.fieldViolations.map(({ field }) => field) ?? [];
    this.retrySeconds = details.retrySeconds;
    this.httpStatus = http.status;
    this.retryAfter = http.retryAfter;
  }
}

interface Details {
  readonly info?: { readonly reason: string; readonly domain: string; readonly metadata?: Record<string, string> } | undefined;
  readonly badRequest?: { readonly fieldViolations: readonly { readonly field: string }[] } | undefined;
  readonly retrySeconds?: number | undefined;
}

const TYPE_URL = 'type.googleapis.com/google.rpc.';

/** The JSON form of a google.rpc.Status. */
export interface StatusJson {
  readonly code: number;
  readonly message: string;
  readonly details?: readonly { readonly '@type': string }[];
}

/** The failure that a REST answer tells of. Throws if the body is not a google.rpc.Status. */
export function failureFromRest(httpStatus: number, headers: Headers, text: string): Failure {
  const body = parseStatus(httpStatus, text);
  // The type of a detail says what it has.
  const find = <T>(name: string) => body.details?.find((detail) => detail['@type'] === TYPE_URL + name) as T | undefined;
  const delay = find<{ retryDelay: string }>('RetryInfo')?.retryDelay;
  const details: Details = {
    info: find('ErrorInfo'),
    badRequest: find('BadRequest'),
    retrySeconds: delay === undefined ? undefined : Number(delay.replace(/s$/, '')),
  };
  return new Failure(body.code, body.message, details, { status: httpStatus, retryAfter: headers.get('retry-after') ?? undefined });
}

function parseStatus(httpStatus: number, text: string): StatusJson {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'number' && 'message' in body) {
      // Checked as far as it is used.
      return body as StatusJson;
    }
  } catch {
    // Falls through to the same complaint.
  }
  throw new Error(`the answer with HTTP status ${httpStatus} is not a google.rpc.Status: ${text.slice(0, 500)}`);
}

/** The failure that a gRPC call ended with. */
export function failureFromGrpc(error: ServiceError): Failure {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const { details } = Status.decode(Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0));
  const find = <T>(name: string, type: { decode(bytes: Uint8Array): T }) => {
    const found = details.find(({ typeUrl }) => typeUrl === TYPE_URL + name);
    return found && type.decode(found.value);
  };
  const delay = find('RetryInfo', RetryInfo)?.retryDelay;
  const [retryAfter] = error.metadata.get('retry-after');
  return new Failure(
    error.code,
    error.details,
    {
      info: find('ErrorInfo', ErrorInfo),
      badRequest: find('BadRequest', BadRequest),
      retrySeconds: delay && delay.seconds + delay.nanos / 1e9,
    },
    { retryAfter: retryAfter?.toString() },
  );
}

/** The failure that a call ends with. Throws if it succeeds, or fails otherwise. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome)) throw new Error(`the call succeeded: ${JSON.stringify(outcome.value)}`);
  if (!(outcome.error instanceof Failure)) throw outcome.error;
  return outcome.error;
}

/** Asserts that a failure says that one field, and only that, is wrong. */
export function expectInvalid(failure: Failure, field: string): void {
  expect(failure).toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    domain: expect.stringMatching(/^(\w+\.)?rentmesh$/),
    fields: [field],
  });
}

import type { JsonObject } from './json.ts';

/** An error that a call can answer. */
export interface ApiError {
  /** The gRPC status: `NOT_FOUND`. */
  readonly code: string;
  /** google.rpc.ErrorInfo.reason. */
  readonly reason: string;
  /** When, in words. */
  readonly when: string;
  /** The HTTP status, where it is not the one that follows from the gRPC status. */
  readonly status?: number;
  /** A message, for the example. */
  readonly message?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** google.rpc.ErrorInfo.domain; default `rentmesh`, the domain of the edge, the gateway and the mesh. */
  readonly domain?: string;
  /** Fields that are wrong, as JSON names them, and what is wrong. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Which calls can answer it; all, where nothing is said. */
  readonly on?: 'body' | 'store';
}

/** google.rpc.Code by name, and the HTTP status that the edge makes of it (google/rpc/code.proto). */
const CODES: Readonly<Record<string, { readonly number: number; readonly status: number }>> = {
  CANCELLED: { number: 1, status: 499 },
  INVALID_ARGUMENT: { number: 3, status: 400 },
  DEADLINE_EXCEEDED: { number: 4, status: 504 },
  NOT_FOUND: { number: 5, status: 404 },
  ALREADY_EXISTS: { number: 6, status: 409 },
  RESOURCE_EXHAUSTED: { number: 8, status: 429 },
  FAILED_PRECONDITION: { number: 9, status: 400 },
  ABORTED: { number: 10, status: 409 },
  INTERNAL: { number: 13, status: 500 },
  UNAVAILABLE: { number: 14, status: 503 },
};

/** What the edge, a sidecar or the kit may answer to any call; the methods' own errors are in their comments. */
export const COMMON_ERRORS: readonly ApiError[] = [
  {
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    when: 'a field has the wrong type or breaks a rule, or there is none of this name; google.rpc.BadRequest names each',
    message: 'name is wrong',
    fields: { name: 'is wrong' },
  },
  {
    code: 'INVALID_ARGUMENT',
    reason: 'MALFORMED_REQUEST',
    when: 'the body is not JSON, or a parameter is unknown or not of its type',
    message: 'the body is not JSON: an unexpected end at byte 2',
  },
  {
    code: 'DEADLINE_EXCEEDED',
    reason: 'REQUEST_TIMEOUT',
    status: 408,
    when: 'the request did not arrive within a minute',
    message: 'the request did not arrive in time',
    on: 'body',
  },
  {
    code: 'RESOURCE_EXHAUSTED',
    reason: 'REQUEST_TOO_LARGE',
    status: 413,
    when: 'the body is larger than 1 MiB',
    message: 'the request body is larger than 1 MiB',
    on: 'body',
  },
  {
    code: 'INVALID_ARGUMENT',
    reason: 'UNSUPPORTED_MEDIA_TYPE',
    status: 415,
    when: 'the body is compressed (`content-encoding`)',
    message: 'a body with content-encoding gzip is not taken',
    on: 'body',
  },
  {
    code: 'RESOURCE_EXHAUSTED',
    reason: 'HEADERS_TOO_LARGE',
    status: 431,
    when: 'the headers are larger than 32 KiB, or more than 100',
    message: 'the request headers are too large',
  },
  {
    code: 'INTERNAL',
    reason: 'INTERNAL',
    when: 'a mistake of the system; its log has the trace id of the request',
    message: 'internal error',
  },
  {
    code: 'UNAVAILABLE',
    reason: 'UPSTREAM_UNAVAILABLE',
    when: 'the service cannot be reached, or its circuit is open',
    message: 'the service cannot be reached now; try again',
  },
  {
    code: 'UNAVAILABLE',
    reason: 'UPSTREAM_TIMEOUT',
    when: 'the service did not answer within the time that the mesh gives it',
    message: 'the service did not answer in time; try again',
  },
  {
    code: 'UNAVAILABLE',
    reason: 'OVERLOADED',
    when: 'the service has as many calls under way as the mesh allows',
    message: 'the service has more calls than its limit allows; try again',
  },
  {
    code: 'UNAVAILABLE',
    reason: 'STORE_UNAVAILABLE',
    when: 'the database of the service cannot be reached',
    message: 'the data store cannot be reached, please try again',
    on: 'store',
  },
  {
    code: 'UNAVAILABLE',
    reason: 'STORE_BUSY',
    when: 'another call changed the same at the same time',
    message: 'another call changed the same at the same time, please try again',
    on: 'store',
  },
  {
    code: 'DEADLINE_EXCEEDED',
    reason: 'DEADLINE_EXCEEDED',
    when: 'the deadline that the caller gave (`grpc-timeout`) has passed',
    message: 'the deadline has passed',
  },
];

const HEADING = /(?:^|\n\n)Errors:\n/;
const ENTRY = /^- ([A-Z_]+), `([A-Z_]+)`: (.+)$/;

/** What a method's comment says, apart into its text and the errors that it lists. */
export interface MethodText {
  readonly text: string;
  readonly errors: readonly ApiError[];
}

/**
 * Reads a method's comment. After a line `Errors:` each entry is ``- NOT_FOUND, `CAR_NOT_FOUND`: when, in words.``; lines that belong to the
 * entry above are indented. Throws for what has another form, so that no error is lost by a slip of the pen.
 */
export function readMethodText(comment: string): MethodText {
  const [text = '', list] = comment.split(HEADING);
  if (list === undefined) return { text: comment, errors: [] };
  const entries = list.trim().replaceAll(/\n +/g, ' ').split('\n');
  const errors = entries.map((entry) => {
    const [, code = '', reason = '', when = ''] = ENTRY.exec(entry) ?? [];
    if (CODES[code] === undefined) throw new Error(`not an error as "- NOT_FOUND, \`REASON\`: when": ${entry}`);
    return { code, reason, when: when.replace(/\.$/, '') };
  });
  return { text, errors };
}

/** The HTTP status of an error. */
export function httpStatus({ code, status }: ApiError): number {
  return status ?? codeOf(code).status;
}

function codeOf(name: string): { readonly number: number; readonly status: number } {
  const found = CODES[name];
  if (found === undefined) throw new Error(`there is no gRPC status ${name}`);
  return found;
}

/** After how many seconds a call that was UNAVAILABLE can be repeated, as the services and the mesh say it. */
const RETRY_AFTER_SECONDS = 1;

/** An error as it is answered: a google.rpc.Status. */
export function errorBody({ code, reason, message, when, metadata = {}, fields, domain = 'rentmesh' }: ApiError): JsonObject {
  const told = Object.keys(metadata).length > 0 ? { metadata } : {};
  const violations = Object.entries(fields ?? {}).map(([field, description]) => ({ field, description }));
  return {
    code: codeOf(code).number,
    message: message ?? when,
    details: [
      detail('ErrorInfo', { reason, domain, ...told }),
      ...(violations.length > 0 ? [detail('BadRequest', { fieldViolations: violations })] : []),
      ...(code === 'UNAVAILABLE' ? [detail('RetryInfo', { retryDelay: `${RETRY_AFTER_SECONDS}s` })] : []),
    ],
  };
}

function detail(name: string, members: JsonObject): JsonObject {
  return { '@type': `type.googleapis.com/google.rpc.${name}`, ...members };
}

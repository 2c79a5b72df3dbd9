import { Code, ConnectError } from '@connectrpc/connect';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '#proto/es/google/rpc/error_details_pb.ts';

/** A failed call in words for the user. */
export interface Problem {
  /** What happened, as a sentence. */
  readonly title: string;
  /** What to do next, as a sentence. */
  readonly advice: string;
  /** Reason of google.rpc.ErrorInfo, `NETWORK_AWAY` without a response, or the name of the code. */
  readonly reason: string;
  /** Seconds until a retry may succeed. Undefined: a retry does not help. */
  readonly retryAfterSeconds: number | undefined;
  /** Errors of request fields, by JSON name. */
  readonly fields: Readonly<Record<string, string>>;
  /** Metadata of google.rpc.ErrorInfo. */
  readonly about: Readonly<Record<string, string>>;
}

/** The words for an error reason. */
export interface ProblemWords {
  readonly title: string;
  readonly advice: string;
  /** The same call may succeed later. */
  readonly passing?: true;
}

const busy: ProblemWords = {
  title: 'The system is busy.',
  advice: 'Nothing was changed. Wait a moment, then try again.',
  passing: true,
};

const away: ProblemWords = {
  title: 'A service that is needed for this is not answering.',
  advice: 'Services usually recover within seconds. Wait a moment, then try again.',
  passing: true,
};

const slow: ProblemWords = {
  title: 'The answer took too long.',
  advice: 'Try again: a repetition cannot do the same thing twice.',
  passing: true,
};

/** Words for the reasons that all systems share (docs/errors.md). */
const byReason: Readonly<Record<string, ProblemWords>> = {
  IDEMPOTENCY_KEY_REUSED: {
    title: 'Your first attempt did go through.',
    advice: 'Nothing was made twice. Look at what it made before you try again.',
  },
  INVALID_FIELD: { title: 'Something in the form is not right.', advice: 'Correct the marked fields, then send it again.' },
  OVERLOADED: busy,
  RATE_LIMITED: busy,
  STORE_BUSY: busy,
  STORE_UNAVAILABLE: away,
  UPSTREAM_UNAVAILABLE: away,
  UPSTREAM_TIMEOUT: slow,
  REQUEST_TIMEOUT: slow,
  DEADLINE_EXCEEDED: slow,
  NETWORK_AWAY: {
    title: 'The system cannot be reached.',
    advice: 'Check the network, and that Rentmesh is running (npm start). Then try again: a repetition cannot do the same thing twice.',
    passing: true,
  },
};

/** Words for the same reasons where a page reads: what it asks with is its address, which has ids and filters. */
const byReasonOfRead: Readonly<Record<string, ProblemWords>> = {
  INVALID_FIELD: { title: 'There can be nothing like this.', advice: 'The address of the page is not right. Go back to the list.' },
};

/** Words for errors without a known reason. */
const byCode: Readonly<Partial<Record<Code, ProblemWords>>> = {
  [Code.InvalidArgument]: { title: 'The system did not accept this.', advice: 'Check what you entered, then send it again.' },
  [Code.NotFound]: { title: 'This does not exist.', advice: 'It may never have. Go back to the list.' },
  [Code.AlreadyExists]: { title: 'This exists already.', advice: 'Look at what is there before you try again.' },
  [Code.FailedPrecondition]: { title: 'This is not possible now.', advice: 'Reload the page to see how things stand.' },
  [Code.PermissionDenied]: { title: 'This is not allowed.', advice: 'Ask the operator of the system.' },
  [Code.Unauthenticated]: { title: 'This is not allowed.', advice: 'Ask the operator of the system.' },
  [Code.Unimplemented]: { title: 'This page and the system do not fit together.', advice: 'One of them is newer. Reload the page.' },
  [Code.ResourceExhausted]: busy,
  [Code.Unavailable]: away,
  [Code.DeadlineExceeded]: slow,
};

const unknown: ProblemWords = {
  title: 'Something went wrong inside the system.',
  advice: 'Try again. If it stays, the logs of the service tell more (npm run logs).',
  passing: true,
};

let ofSystem: Readonly<Record<string, ProblemWords>> = {};

/** Sets the words for the reasons of the current system. */
export function setProblemWords(words: Readonly<Record<string, ProblemWords>>): void {
  ofSystem = words;
}

/** Converts the error of a call with which a page reads to words. */
export function problemOfRead(error: unknown): Problem {
  return inWords(error, { ...byReason, ...byReasonOfRead });
}

/** Converts the error of any other call to words. */
export function problemOf(error: unknown): Problem {
  return inWords(error, byReason);
}

function inWords(error: unknown, common: Readonly<Record<string, ProblemWords>>): Problem {
  const failure = ConnectError.from(error);
  const info = failure.findDetails(ErrorInfoSchema)[0];
  const reason = isNetworkFailure(failure) ? 'NETWORK_AWAY' : (info?.reason ?? Code[failure.code]);
  const words = ofSystem[reason] ?? common[reason] ?? byCode[failure.code] ?? unknown;
  return {
    title: words.title,
    advice: words.advice,
    reason,
    retryAfterSeconds: retryAfter(failure) ?? (words.passing ? 1 : undefined),
    fields: fieldsOf(failure),
    about: info?.metadata ?? {},
  };
}

/** fetch rejects with a TypeError if no response arrives. */
function isNetworkFailure({ cause }: ConnectError): boolean {
  return cause instanceof TypeError;
}

/** Returns whole seconds, rounded up, from google.rpc.RetryInfo or retry-after. */
function retryAfter(failure: ConnectError): number | undefined {
  const delay = failure.findDetails(RetryInfoSchema)[0]?.retryDelay;
  if (delay !== undefined) return Math.max(1, Number(delay.seconds) + (delay.nanos > 0 ? 1 : 0));
  const header = Number.parseInt(failure.metadata.get('retry-after') ?? '', 10);
  return Number.isNaN(header) ? undefined : Math.max(1, header);
}

function fieldsOf(failure: ConnectError): Record<string, string> {
  const violations = failure.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations);
  return Object.fromEntries(violations.map(({ field, description }) => [field, description]));
}

import { retryPolicy } from '../../envoy/generate/retry.ts';
import type { Json } from '../../envoy/json.ts';
import { type Nanoseconds, parseDuration } from '../../envoy/policy/duration.ts';
import type { HttpRoute } from '../../envoy/policy/schema/virtual-service.ts';

/** Envoy's base interval between tries where a route sets none. */
const BASE_BACKOFF: Nanoseconds = 25e6;
/** The interval doubles with each retry up to this multiple of the base; the wait is a random part of it (measured with Envoy 1.40). */
const MAX_BACKOFF_FACTOR = 10;

/** What a route does about failed tries. */
export interface RetryPlan {
  /** The first try and all retries. */
  readonly tries: number;
  /** Envoy's names of the failures that are tried again. */
  readonly conditions: readonly string[];
  /** HTTP statuses that are tried again. */
  readonly codes: readonly number[];
  /** Bound of one try; undefined if there is none, or if the route's timeout comes first. */
  readonly perTryTimeout: Nanoseconds | undefined;
  /** The longest waits before the retries, in their order. The waits are random, from 0. */
  readonly waits: readonly Nanoseconds[];
}

/** The retry plan of a route; of Istio's default route, if there is none. It is the one that the generator writes. */
export function retryPlan(route: HttpRoute | undefined): RetryPlan {
  const made = retryPolicy(route?.retries, false);
  if (!made) return { tries: 1, conditions: [], codes: [], perTryTimeout: undefined, waits: [] };
  const retries = Number(made.num_retries);
  const base = route?.retries?.backoff ?? BASE_BACKOFF;
  const perTry = route?.retries?.perTryTimeout;
  return {
    tries: retries + 1,
    conditions: String(made.retry_on).split(',').filter(Boolean),
    codes: numbers(made.retriable_status_codes),
    // Envoy leaves out a per-try timeout that is not shorter than the timeout of all tries.
    perTryTimeout: perTry !== undefined && route?.timeout && perTry >= route.timeout ? undefined : perTry,
    waits: Array.from({ length: retries }, (_, i) => base * Math.min(2 ** i, MAX_BACKOFF_FACTOR)),
  };
}

function numbers(value: Json | undefined): number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}

/** Whether what a per-try timeout ends is tried again: for Envoy it is a reset. */
export function retriesTimeouts({ conditions }: RetryPlan): boolean {
  return ['reset', '5xx', 'gateway-error'].some((condition) => conditions.includes(condition));
}

/** Failures of which it is certain that the replica did not work on the call. */
const CERTAINLY_NOT_DONE = ['connect-failure', 'refused-stream', 'reset-before-request', 'http3-post-connect-failure', 'envoy-ratelimited'];

/** Those of a plan's conditions under which a replica may have done the work already, statuses included. */
export function unsafeConditions({ conditions, codes }: RetryPlan): string[] {
  // retriable-status-codes without codes means nothing.
  const named = conditions.filter((condition) => !CERTAINLY_NOT_DONE.includes(condition) && condition !== 'retriable-status-codes');
  return [...named, ...codes.map(String)];
}

/** How long a call can take. */
export interface LongestWait {
  /** Undefined if there is no bound. */
  readonly nanoseconds: Nanoseconds | undefined;
  /** All tries and all waits between them, each at its longest; undefined if a try has no bound. */
  readonly ofTries: Nanoseconds | undefined;
}

/**
 * The longest that a caller waits for an answer.
 * @param connectTimeout bound for making a connection; Envoy's per-try timeout begins when the connection stands, so each try may take both
 */
export function longestWait(route: HttpRoute | undefined, connectTimeout: Nanoseconds): LongestWait {
  const plan = retryPlan(route);
  const timeout = route?.timeout || undefined;
  const waits = plan.waits.reduce((sum, wait) => sum + wait, 0);
  const ofTries = plan.perTryTimeout === undefined ? undefined : plan.tries * (connectTimeout + plan.perTryTimeout) + waits;
  const known = [timeout, ofTries].filter((value) => value !== undefined);
  return { nanoseconds: known.length > 0 ? Math.min(...known) : undefined, ofTries };
}

/** meshConfig.connectTimeout of Istio. */
export const CONNECT_TIMEOUT: Nanoseconds = parseDuration('10s') ?? 0;

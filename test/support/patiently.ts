import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.ts';

/** An id that nothing has. */
export const NO_ID = '019f0000-0000-7000-8000-000000000000';

/** A text that no other test uses, to find by it what a test has made. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** How long a client goes on repeating what is answered UNAVAILABLE. */
const PATIENCE_MS = 60_000;

/** What a client repeats besides UNAVAILABLE. */
export interface RetryOptions {
  /** Repeat calls whose connection broke: only where the edge itself is stopped or killed. */
  readonly brokenConnections?: boolean;
}

/** The wait after a broken connection, which names no time, in seconds. */
const RECONNECT_SECONDS = 1;

/**
 * Makes a call as a client that follows the protocol: UNAVAILABLE is repeated after the time in Retry-After. Every other outcome, and
 * UNAVAILABLE without Retry-After, is final. Gives up after a minute.
 */
export async function patiently<T>(call: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const limit = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const seconds = secondsUntilRetry(error, options);
      if (seconds === undefined || Date.now() > limit) throw error;
      await sleep(1000 * seconds);
    }
  }
}

/** Seconds after which a failed call may be repeated; undefined if it may not. */
function secondsUntilRetry(error: unknown, { brokenConnections = false }: RetryOptions): number | undefined {
  if (error instanceof Failure && error.code === 'UNAVAILABLE' && /^\d+$/.test(error.retryAfter ?? '')) return Number(error.retryAfter);
  // `fetch` reports a broken connection as a TypeError whose cause is a system error.
  const isBroken = error instanceof TypeError && error.cause instanceof Error;
  return brokenConnections && isBroken ? RECONNECT_SECONDS : undefined;
}

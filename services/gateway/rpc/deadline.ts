import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';

/** Limit of a Node timer in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Envoy caches its clock, so a sidecar may expire a deadline up to 50 ms early. Capped at a quarter of the deadline. */
const CLOCK_SKEW_MS = 50;

/** The deadline of a call. */
export class Deadline {
  /** The earliest time at which a sidecar may expire the deadline, by performance.now(). */
  #expiresAt = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** Calls back after the timeout, in milliseconds. Undefined: never. */
  start(timeoutMs: number | undefined, onExpired: () => void): void {
    if (timeoutMs === undefined || timeoutMs > MAX_TIMER_MS) return;
    this.#expiresAt = performance.now() + timeoutMs - Math.min(CLOCK_SKEW_MS, timeoutMs / 4);
    this.#timer = setTimeout(onExpired, timeoutMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** A sidecar may have expired the deadline. */
  get isExpired(): boolean {
    return performance.now() >= this.#expiresAt;
  }
}

/** Returns the error of a call that outlived its deadline. */
export function deadlineExceeded(): RpcError {
  return new RpcError(status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED', 'the deadline of the call has passed');
}

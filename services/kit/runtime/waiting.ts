import { setTimeout } from 'node:timers/promises';

/** Waits, in milliseconds. Returns early, without an error, when the signal is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  // Only the signal rejects.
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}

/**
 * Returns the time before the next try, in milliseconds, after this many failures in a row (from 1): 100 ms, doubling up to 3 s, less up
 * to a quarter of random jitter.
 */
export function backoff(failures: number): number {
  const full = Math.min(100 * 2 ** (failures - 1), 3000);
  return full * (1 - Math.random() / 4);
}

/** Waits for work, at most this many milliseconds. Returns whether the work ended in time. Throws its error. */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([work.then(() => true), pause(milliseconds, timer.signal).then(() => false)]);
  } finally {
    timer.abort();
  }
}

/** Returns the outcome of work. Throws the reason of the signal if it is aborted before; the work then continues. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const aborted = () => reject(signal.reason);
  signal.addEventListener('abort', aborted, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', aborted);
  }
}

/** A signal for one waiter. A signal that is set while nothing waits ends the next wait at once. */
export class Signal {
  #isSet = false;
  #wake: (() => void) | undefined;

  set(): void {
    this.#isSet = true;
    this.#wake?.();
  }

  /** Waits for the signal, for at most this many milliseconds or until `signal` is aborted. Returns whether it was set. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#isSet && !signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await pause(milliseconds, AbortSignal.any([woken.signal, signal]));
      this.#wake = undefined;
    }
    const wasSet = this.#isSet;
    this.#isSet = false;
    return wasSet;
  }
}

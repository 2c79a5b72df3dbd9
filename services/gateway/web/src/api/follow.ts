import { ConnectError } from '@connectrpc/connect';
import { type Problem, problemOfRead } from './problem.ts';

/** The state of a followed stream. */
export type Following =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** Broken. Reconnects after some seconds. */
  | { readonly state: 'waiting'; readonly seconds: number; readonly problem: Problem | undefined }
  /** Broken by an error that a retry cannot fix. */
  | { readonly state: 'failed'; readonly problem: Problem };

export interface Follow<T> {
  /** Opens the stream after the message of the token. Empty token: from the start. */
  readonly open: (token: string, signal: AbortSignal) => AsyncIterable<T>;
  /** Returns the token that resumes after a message. */
  readonly tokenOf: (message: T) => string;
  readonly onMessage: (message: T) => void;
  readonly onState: (state: Following) => void;
  /** Waits some seconds, or less if a retry may succeed earlier. Rejects if the signal is aborted. */
  readonly wait: (seconds: number, signal: AbortSignal) => Promise<void>;
  /** Returns 0 to 1, for the jitter. */
  readonly random?: () => number;
}

const LONGEST_WAIT_SECONDS = 15;

/**
 * Returns the seconds before the next attempt: exponential from 0.5 s, with jitter, at least RetryInfo.
 *
 * @param failures consecutive failures, from 1
 */
export function backOff(failures: number, atLeastSeconds: number, random: () => number): number {
  const doubled = Math.min(LONGEST_WAIT_SECONDS, 0.5 * 2 ** (failures - 1));
  return Math.max(atLeastSeconds, doubled * (0.5 + random() / 2));
}

/**
 * Follows a stream until the signal is aborted or an error is permanent. Resumes after the last message whenever the stream ends. Never
 * rejects.
 */
export async function follow<T>(options: Follow<T>, signal: AbortSignal): Promise<void> {
  const { open, tokenOf, onMessage, onState, wait, random = Math.random } = options;
  let token = '';
  for (let failures = 1; !signal.aborted; failures++) {
    let problem: Problem | undefined;
    try {
      onState({ state: 'connecting' });
      for await (const message of open(token, signal)) {
        if (signal.aborted) return;
        token = tokenOf(message);
        failures = 0;
        onState({ state: 'live' });
        onMessage(message);
      }
      // An orderly end, as at a rolling update. Reconnect soon.
    } catch (error) {
      if (signal.aborted) return;
      problem = problemOfRead(ConnectError.from(error));
      if (problem.retryAfterSeconds === undefined) {
        onState({ state: 'failed', problem });
        return;
      }
    }
    const seconds = backOff(Math.max(1, failures), problem?.retryAfterSeconds ?? 0, random);
    onState({ state: 'waiting', seconds, problem });
    try {
      await wait(seconds, signal);
    } catch {
      return;
    }
  }
}

/** Waits in a browser. Returns early when the browser goes online or the page becomes visible. */
export function waitInPage(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = new AbortController();
    const settle = (done: () => void) => () => {
      clearTimeout(timer);
      end.abort();
      done();
    };
    const timer = setTimeout(settle(resolve), seconds * 1000);
    const listening = { signal: end.signal };
    window.addEventListener('online', settle(resolve), listening);
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState === 'visible') settle(resolve)();
      },
      listening,
    );
    signal.addEventListener(
      'abort',
      settle(() => reject(signal.reason)),
      listening,
    );
  });
}

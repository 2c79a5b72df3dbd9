import { ConnectError } from '@connectrpc/connect';
import { type Problem, problemOf } from './problem.ts';

/** How a followed stream stands. */
export type Following =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** It broke, and is taken up again after some seconds. */
  | { readonly state: 'waiting'; readonly seconds: number; readonly problem: Problem | undefined }
  /** It cannot be taken up. */
  | { readonly state: 'failed'; readonly problem: Problem };

/** What follow() needs to know and to tell. */
export interface Follow<T> {
  /** Opens the stream after the message that the token stands for, or from the start if it is empty. */
  readonly open: (token: string, signal: AbortSignal) => AsyncIterable<T>;
  /** The token of a message, to resume after it. */
  readonly tokenOf: (message: T) => string;
  readonly onMessage: (message: T) => void;
  readonly onState: (state: Following) => void;
  /** Waits so many seconds, or less if something suggests that it works again; rejects if the signal is aborted. */
  readonly wait: (seconds: number, signal: AbortSignal) => Promise<void>;
  /** A number from 0 to 1, for the jitter. */
  readonly random?: () => number;
}

const LONGEST_WAIT_SECONDS = 15;

/**
 * The wait before an attempt: it doubles from half a second on, at least as long as the server asks for, and with jitter, so that pages that
 * lost the same server do not all come back in the same moment.
 *
 * @param failures attempts that failed in a row, 1 for the first
 */
export function backOff(failures: number, atLeastSeconds: number, random: () => number): number {
  const doubled = Math.min(LONGEST_WAIT_SECONDS, 0.5 * 2 ** (failures - 1));
  return Math.max(atLeastSeconds, doubled * (0.5 + random() / 2));
}

/**
 * Follows a stream until the signal is aborted or an error tells that it is pointless: whenever it ends or breaks, it is taken up again after
 * the last message that arrived. Resolves in all cases.
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
      // An orderly end, as when a server is replaced: no reason to hesitate.
    } catch (error) {
      if (signal.aborted) return;
      problem = problemOf(ConnectError.from(error));
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

/** Waits in a browser: shorter when the network comes back or the page is looked at again. */
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

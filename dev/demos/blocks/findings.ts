import { quantile } from '../../terminal/quantile.ts';
import type { Finding } from '../demo.ts';
import type { Answer } from '../users.ts';

/** Counts the successes among answers. */
export function successes(answers: readonly Answer[]): number {
  return answers.filter(({ outcome }) => outcome === 'succeeded').length;
}

/** Finds whether there were calls and all succeeded. @param more appended to the observation */
export function allSucceed(promise: string, answers: readonly Answer[], more = ''): Finding {
  const made = successes(answers);
  return { held: made > 0 && made === answers.length, promise, seen: `${made} of ${answers.length}${more}` };
}

/** Finds whether every failure has a Retry-After. */
export function allSayRetryAfter(failures: readonly Answer[]): Finding {
  const timed = failures.filter(({ retryAfter }) => retryAfter > 0).length;
  return {
    held: timed === failures.length,
    promise: 'every refusal says when to try again',
    seen: `Retry-After on ${timed} of ${failures.length}`,
  };
}

/** Returns a quantile of the durations of calls, in milliseconds. @param share 0 to 1 */
export function duration(calls: readonly { readonly took: number }[], share: number): number {
  return quantile(
    calls.map(({ took }) => took),
    share,
  );
}

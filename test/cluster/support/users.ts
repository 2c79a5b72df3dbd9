import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../../resilience/support/load.ts';
import { load } from '../../resilience/support/load.ts';

/** How a load came out. */
export interface Availability {
  readonly requests: number;
  /** Their times count from the first request on, in milliseconds. */
  readonly failed: readonly Answer[];
  /** Percent of the requests that were answered well, as siege counts it. */
  readonly percent: number;
  readonly perSecond: number;
}

/**
 * Lets users call a path again and again for so long, and meanwhile does some work.
 *
 * @param pauseMs how long each waits between an answer and the next request
 */
export async function availability(
  { users, seconds, pauseMs = 0 }: { users: number; seconds: number; pauseMs?: number },
  path: string,
  body: object,
  work: () => Promise<void>,
): Promise<Availability> {
  const begin = performance.now();
  const running = load(users, path, body, pauseMs);
  try {
    await work();
  } finally {
    await sleep(Math.max(0, seconds * 1000 - (performance.now() - begin)));
  }
  const answers = await running.end();
  const failed = answers.filter(({ status }) => status >= 400).map((answer) => ({ ...answer, at: answer.at - begin }));
  const percent = (100 * (answers.length - failed.length)) / answers.length;
  return { requests: answers.length, failed, percent, perSecond: answers.length / ((performance.now() - begin) / 1000) };
}

/** One line of figures. */
export function figures({ requests, failed, percent, perSecond }: Availability): string {
  return `${requests} requests (${perSecond.toFixed(0)}/s), ${failed.length} failed: availability ${percent.toFixed(2)} %`;
}

import { setTimeout as sleep } from 'node:timers/promises';

/** How one request of a load came out. */
export interface Outcome {
  /** When it was sent, in milliseconds of performance.now(). */
  readonly at: number;
  readonly milliseconds: number;
  /** Why it failed; undefined if it did not. */
  readonly error: string | undefined;
}

/**
 * Sends so many requests a second, whatever becomes of them, from half a second before `work` until a second after it, and returns how each
 * came out.
 *
 * @param request the request of this number
 */
export async function underLoad(
  perSecond: number,
  request: (number: number) => Promise<unknown>,
  work: () => Promise<void>,
): Promise<Outcome[]> {
  const outcomes: Promise<Outcome>[] = [];
  const start = performance.now();
  let working = true;
  const sending = (async () => {
    while (working) {
      const due = ((performance.now() - start) / 1000) * perSecond;
      while (outcomes.length < due) outcomes.push(timed(() => request(outcomes.length)));
      await sleep(5);
    }
  })();
  try {
    await sleep(500);
    await work();
    await sleep(1000);
  } finally {
    working = false;
    await sending;
  }
  return await Promise.all(outcomes);
}

async function timed(request: () => Promise<unknown>): Promise<Outcome> {
  const at = performance.now();
  const error = await request().then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)),
  );
  return { at, milliseconds: performance.now() - at, error };
}

/** The failures among outcomes, each as a line: empty if there are none. */
export function failures(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ at, milliseconds, error }) =>
    error === undefined ? [] : [`${at.toFixed(0)} ms: ${error} after ${milliseconds.toFixed(0)} ms`],
  );
}

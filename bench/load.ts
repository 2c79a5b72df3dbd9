import { setTimeout as sleep } from 'node:timers/promises';
import { failureReason, type HttpAnswer } from './http-client.ts';

/** Most calls that an open loop has under way; what is due beyond counts as failed with NOT_SENT. */
const MOST_UNDER_WAY = 5000;

/** The answers of one run. Failed answers are counted by reason and are in no latency. */
export interface Tally {
  /** Length of the run in seconds, without the wait for the last answers. */
  readonly seconds: number;
  /** Successes that were complete within those seconds. */
  readonly inTime: number;
  /** Milliseconds of each success: of a closed loop from the request, of an open loop from the moment at which it was due. */
  readonly latencies: readonly number[];
  readonly failures: ReadonlyMap<string, number>;
}

/** Counts answers: latencies of successes, and failures by reason. */
export class Counter {
  readonly latencies: number[] = [];
  readonly failures = new Map<string, number>();
  inTime = 0;
  readonly #end: number;

  /** @param end of the run, by performance.now() */
  constructor(end: number) {
    this.#end = end;
  }

  add(answer: HttpAnswer, ms: number): void {
    if (answer.status !== 200) {
      this.fail(failureReason(answer));
      return;
    }
    this.latencies.push(ms);
    if (performance.now() <= this.#end) this.inTime++;
  }

  fail(reason: string): void {
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
  }

  tally(seconds: number): Tally {
    return { seconds, inTime: this.inTime, latencies: this.latencies, failures: this.failures };
  }
}

/**
 * Lets `callers` call again and again, each as soon as it has its answer, for some seconds. Resolves when each has its last
 * answer: no call is cut off.
 *
 * @param call makes one call; `caller` is the index of the caller, from 0
 */
export async function closedLoop(callers: number, seconds: number, call: (caller: number) => Promise<HttpAnswer>): Promise<Tally> {
  const end = performance.now() + seconds * 1000;
  const counter = new Counter(end);
  const run = async (caller: number) => {
    while (performance.now() < end) {
      const answer = await call(caller);
      counter.add(answer, answer.ms);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => run(caller)));
  return counter.tally(seconds);
}

/**
 * Calls at a fixed rate, whether answers come or not. A latency counts from the moment at which the call was due, so a wait of
 * the system is in the latencies of all calls that it delays (no coordinated omission).
 *
 * @param rate calls per second
 */
export async function openLoop(rate: number, seconds: number, call: () => Promise<HttpAnswer>): Promise<Tally> {
  const start = performance.now();
  const counter = new Counter(start + seconds * 1000);
  const underWay = new Set<Promise<void>>();
  for (let index = 0; index < rate * seconds; index++) {
    const due = start + (index * 1000) / rate;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    if (underWay.size >= MOST_UNDER_WAY) {
      counter.fail('NOT_SENT');
      continue;
    }
    const done: Promise<void> = call().then((answer) => {
      counter.add(answer, performance.now() - due);
      underWay.delete(done);
    });
    underWay.add(done);
  }
  await Promise.all(underWay);
  return counter.tally(seconds);
}

/** Formats failures as `3 UPSTREAM_TIMEOUT, 1 HTTP_503`, or 0. */
export function formatFailures(failures: ReadonlyMap<string, number>): string {
  if (failures.size === 0) return '0';
  return `**${[...failures].map(([reason, count]) => `${count} ${reason}`).join(', ')}**`;
}

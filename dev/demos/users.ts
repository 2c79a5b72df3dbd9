import { setTimeout as sleep } from 'node:timers/promises';
import type { EdgeClient } from './edge-client.ts';

/** Outcome of a call, as its user sees it. */
export type Outcome =
  /** 200. */
  | 'succeeded'
  /** 503 after the whole timeout of the guarded call. */
  | 'expired'
  /** 503 before that: an open circuit, a full pool. */
  | 'refused'
  /** Anything else, which no demonstration expects. */
  | 'unexpected';

/** The outcomes, from the best to the worst. */
export const OUTCOMES = ['succeeded', 'expired', 'refused', 'unexpected'] as const satisfies readonly Outcome[];

/** One answer that a user got. */
export interface Answer {
  readonly outcome: Outcome;
  /** Time of the request on the clock of performance.now(), and duration of the call; milliseconds. */
  readonly start: number;
  readonly took: number;
  /** Value of Retry-After in seconds; 0 without it. */
  readonly retryAfter: number;
  /** Status and body of an unexpected answer. */
  readonly text: string;
}

/** What users do. */
export interface Habit {
  readonly users: number;
  /** Rest after an answer in milliseconds, on average: from half to one and a half of it, so that users do not march in step. */
  readonly restMs: number;
  /** Users rest no longer after a Retry-After. Default: they wait as long as it says. */
  readonly ignoresRetryAfter?: boolean;
}

/** A request of a user. */
export interface UserRequest {
  /** `/rentcar/reservations`. */
  readonly path: string;
  /** A request with a body is a POST. */
  readonly body?: object;
}

/** The calls of users. */
export interface UserCalls {
  /** Returns the next request, of any user. */
  readonly next: () => UserRequest;
  /** A 503 after this many milliseconds counts as `expired`, before as `refused`. */
  readonly expiryMs: number;
}

/** Users who send requests, each one at a time. */
export class Users {
  /** Every answer so far, in the order of their arrival. */
  readonly answers: Answer[] = [];
  readonly #edge: EdgeClient;
  readonly #calls: UserCalls;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];
  #habit: Habit = { users: 0, restMs: 0 };

  constructor(edge: EdgeClient, calls: UserCalls) {
    this.#edge = edge;
    this.#calls = calls;
  }

  /** Sets the habit from now on. New users begin at once, all together; surplus ones end with their next answer. */
  change(habit: Habit): void {
    const before = this.#habit.users;
    this.#habit = habit;
    for (let number = before; number < habit.users; number++) this.#running.push(this.#user(number));
  }

  /** Ends the load; resolves when every user has an answer. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #user(number: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && number < this.#habit.users) {
      const answer = await this.#call();
      this.answers.push(answer);
      const { restMs, ignoresRetryAfter = false } = this.#habit;
      const rest = ignoresRetryAfter ? restMs : Math.max(restMs, answer.retryAfter * 1000);
      // The end of the load cuts the rest short.
      await sleep((0.5 + Math.random()) * rest, undefined, { signal }).catch(() => undefined);
    }
  }

  async #call(): Promise<Answer> {
    const { next, expiryMs } = this.#calls;
    const { path, body } = next();
    const start = performance.now();
    try {
      const reply = await this.#edge.send(path, body);
      const took = performance.now() - start;
      const outcome = outcomeOf(reply.status, took, expiryMs);
      const text = outcome === 'unexpected' ? `${reply.status} ${reply.body}` : '';
      return { outcome, start, took, retryAfter: Number(reply.headers['retry-after'] ?? 0), text };
    } catch (error) {
      return { outcome: 'unexpected', start, took: performance.now() - start, retryAfter: 0, text: String(error) };
    }
  }
}

function outcomeOf(status: number, took: number, expiryMs: number): Outcome {
  if (status === 200) return 'succeeded';
  if (status !== 503) return 'unexpected';
  return took < expiryMs ? 'refused' : 'expired';
}

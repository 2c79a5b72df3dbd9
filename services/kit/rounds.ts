import { setImmediate } from 'node:timers/promises';
import { isStoreUnavailable } from './transient-errors.ts';

/** Work that was asked for, and who waits for it. */
interface Ask<T> {
  readonly items: readonly T[];
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Does in one go what several ask for at the same time: while a round of work runs, what is asked for meanwhile waits for the next. A round
 * costs about as much as one ask alone (a transaction, a request), so the busier it is, the less each ask costs, and an idle one waits for
 * nobody.
 */
export class Rounds<T> {
  readonly #work: (items: readonly T[]) => Promise<void>;
  readonly #most: number;
  readonly #waiting: Ask<T>[] = [];
  #running = false;

  /** `work`: does all of its items or throws; done again, it does no harm. `most`: items of a round, unless one ask alone has more. */
  constructor(work: (items: readonly T[]) => Promise<void>, most: number) {
    this.#work = work;
    this.#most = most;
  }

  /** Does the work for these items, in their order. Rejects with what the work throws for them, and never for the items of others. */
  async do(items: readonly T[]): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ items, done });
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    }
    await done.promise;
  }

  async #run(): Promise<void> {
    // Whoever asks in this turn of the event loop, such as for all partitions of one fetch, is in the first round.
    await setImmediate();
    for (let asks = this.#next(); asks.length > 0; asks = this.#next()) await this.#round(asks);
    this.#running = false;
  }

  #next(): Ask<T>[] {
    let items = 0;
    const beyond = this.#waiting.findIndex((ask, index) => {
      items += ask.items.length;
      return index > 0 && items > this.#most;
    });
    return this.#waiting.splice(0, beyond === -1 ? this.#waiting.length : beyond);
  }

  async #round(asks: readonly Ask<T>[]): Promise<void> {
    try {
      await this.#work(asks.flatMap(({ items }) => items));
      for (const { done } of asks) done.resolve();
    } catch (error) {
      // Only one of them may be at fault; a store that is away is no better for each alone.
      if (asks.length === 1 || isStoreUnavailable(error)) for (const { done } of asks) done.reject(error);
      else for (const ask of asks) await this.#round([ask]);
    }
  }
}

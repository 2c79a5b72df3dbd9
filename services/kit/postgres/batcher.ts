import { setImmediate } from 'node:timers/promises';
import { isStoreBusy, isStoreUnavailable } from '../events/transient-errors.ts';

/** A call that waits for a batch. */
interface PendingItem<In, Out> {
  readonly item: In;
  readonly outcome: PromiseWithResolvers<Out>;
}

/** How a `Batcher` works. */
export interface BatcherOptions<In, Out> {
  /** Processes a batch, all of it or nothing, and returns one outcome per item, in their order. */
  readonly run: (items: readonly In[]) => Promise<readonly Out[]>;
  /** The largest size of a batch, unless it has one item only. */
  readonly maxItems: number;
  /** The size of an item; 1 by default. */
  readonly sizeOf?: (item: In) => number;
}

/**
 * Batches concurrent calls (group commit): while one batch runs, the next one collects. A batch costs about as much as
 * a single call (a transaction, a request), so the cost per call falls as the load grows. An idle batcher starts at once.
 */
export class Batcher<In, Out> {
  readonly #options: BatcherOptions<In, Out>;
  #pending: PendingItem<In, Out>[] = [];
  #isRunning = false;

  constructor(options: BatcherOptions<In, Out>) {
    this.#options = options;
  }

  /**
   * Processes an item in the next batch and returns its outcome.
   *
   * Rejects with the error of the batch. If that error is permanent, the items of the batch run again one by one, so
   * that an item fails only for its own reason.
   */
  async do(item: In): Promise<Out> {
    const outcome = Promise.withResolvers<Out>();
    this.#pending.push({ item, outcome });
    if (!this.#isRunning) {
      this.#isRunning = true;
      void this.#runAll();
    }
    return await outcome.promise;
  }

  async #runAll(): Promise<void> {
    // Calls that arrive in the same turn of the event loop share the first batch.
    await setImmediate();
    while (this.#pending.length > 0) await this.#runBatch(this.#nextBatch());
    this.#isRunning = false;
  }

  #nextBatch(): PendingItem<In, Out>[] {
    const { maxItems, sizeOf = () => 1 } = this.#options;
    let size = 0;
    const end = this.#pending.findIndex(({ item }, index) => {
      size += sizeOf(item);
      return index > 0 && size > maxItems;
    });
    return this.#pending.splice(0, end === -1 ? this.#pending.length : end);
  }

  async #runBatch(batch: readonly PendingItem<In, Out>[]): Promise<void> {
    try {
      const outcomes = await this.#options.run(batch.map(({ item }) => item));
      if (outcomes.length !== batch.length) throw new Error(`a batch of ${batch.length} items has ${outcomes.length} outcomes`);
      // One outcome per item, by the check above.
      for (const [index, { outcome }] of batch.entries()) outcome.resolve(outcomes[index] as Out);
    } catch (error) {
      if (batch.length === 1 || isStoreUnavailable(error) || isStoreBusy(error)) for (const { outcome } of batch) outcome.reject(error);
      else for (const pending of batch) await this.#runBatch([pending]);
    }
  }
}

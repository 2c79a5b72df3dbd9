import { Batcher } from '../postgres/batcher.ts';
import type { Database, Tx } from '../postgres/database.ts';
import { type Logger, reasonOf } from '../runtime/log.ts';
import { deadLetter, type IncomingRecord } from './dead-letters.ts';
import { type Delivery, deliveriesOf, isPermanent } from './deliveries.ts';
import { applyInGroups } from './event-groups.ts';
import type { EventHandler } from './events.ts';
import type { Publisher } from './kafka.ts';

/** What a consumer consumes and where. */
export interface ConsumerOptions {
  readonly group: string;
  readonly handlers: readonly EventHandler[];
  /** The database of the handlers' transactions. Without one the handlers get a transaction that refuses statements. */
  readonly database: Database | undefined;
}

/** The most events of one transaction. */
export const MAX_BATCH = 500;

/** The outcome for records that follow each other in a partition. */
export interface Outcome {
  /** How many of the first records are applied, dead-lettered, or of a type without a handler. */
  readonly settled: number;
  /** The transient error that stopped the others. Undefined if all are settled. */
  readonly error?: unknown;
}

/** Applies events: those that arrive at the same time in one transaction. An event that fails permanently is dead-lettered. */
export class EventApplier {
  readonly #options: ConsumerOptions;
  readonly #handlers: ReadonlyMap<string, EventHandler>;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  readonly #batches: Batcher<readonly Delivery[], undefined>;

  /** `publisher`: what sends dead letters. */
  constructor(options: ConsumerOptions, publisher: Publisher, log: Logger) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.type, handler]));
    this.#publisher = publisher;
    this.#log = log;
    this.#batches = new Batcher({
      run: async (parts) => {
        await this.#applyBatch(parts.flat());
        return parts.map(() => undefined);
      },
      maxItems: MAX_BATCH,
      sizeOf: (deliveries) => deliveries.length,
    });
  }

  /**
   * Applies records that follow each other in a partition, in a transaction shared with records of other partitions that are applied at the
   * same time. Never rejects. Dead-letters nothing once the signal is aborted.
   */
  async apply(records: readonly IncomingRecord[], signal: AbortSignal): Promise<Outcome> {
    return await this.#settle(records, signal, (deliveries) => this.#batches.do(deliveries));
  }

  /** Like `apply`, in a transaction shared with no other partition. */
  async applyAlone(records: readonly IncomingRecord[], signal: AbortSignal): Promise<Outcome> {
    return await this.#settle(records, signal, (deliveries) => this.#applyBatch(deliveries));
  }

  /** Applies all records at once. If that fails permanently, applies each half alone until the events that fail are found. */
  async #settle(
    records: readonly IncomingRecord[],
    signal: AbortSignal,
    applyBatch: (deliveries: readonly Delivery[]) => Promise<void>,
  ): Promise<Outcome> {
    try {
      const deliveries = deliveriesOf(records, this.#handlers);
      if (deliveries.length > 0) await applyBatch(deliveries);
      return { settled: records.length };
    } catch (error) {
      if (!isPermanent(error)) return { settled: 0, error };
      const [only, second] = records;
      if (only !== undefined && second === undefined) return await this.#deadLetter(only, reasonOf(error), signal);
      const half = Math.ceil(records.length / 2);
      const before = await this.applyAlone(records.slice(0, half), signal);
      if (before.error !== undefined) return before;
      const after = await this.applyAlone(records.slice(half), signal);
      return { ...after, settled: half + after.settled };
    }
  }

  async #applyBatch(deliveries: readonly Delivery[]): Promise<void> {
    const { database, group } = this.#options;
    if (database === undefined) await applyInGroups(deliveries, NO_DATABASE, group);
    else await database.transaction((tx) => applyInGroups(deliveries, tx, group));
  }

  async #deadLetter(record: IncomingRecord, reason: string, signal: AbortSignal): Promise<Outcome> {
    const { topic, partition, offset, headers } = record;
    try {
      signal.throwIfAborted();
      await this.#publisher.send([deadLetter(record, this.#options.group, reason, new Date())]);
    } catch (error) {
      return { settled: 0, error };
    }
    this.#log.error({ topic, partition, offset, id: headers.ce_id, type: headers.ce_type, reason }, 'an event was dead-lettered');
    return { settled: 1 };
  }
}

const NO_DATABASE: Tx = {
  query: () => Promise.reject(noDatabase()),
  write: () => {
    throw noDatabase();
  },
  append: () => {
    throw noDatabase();
  },
  schedule: () => {
    throw noDatabase();
  },
  cancelJobs: () => {
    throw noDatabase();
  },
};

function noDatabase(): Error {
  return new Error('this consumer was given no database, so its handlers have no transaction');
}

import type { Database, Tx } from './database.ts';
import { deadLetter, type IncomingRecord } from './dead-letters.ts';
import { type Delivery, isPermanent, plan } from './deliveries.ts';
import { applyInGroups } from './event-groups.ts';
import type { EventHandler } from './events.ts';
import type { Publisher } from './kafka.ts';
import { type Logger, reasonOf } from './log.ts';
import { Rounds } from './rounds.ts';
import { backoff, pause } from './waiting.ts';

/** What a consumer consumes and where. */
export interface ConsumerOptions {
  readonly group: string;
  readonly handlers: readonly EventHandler[];
  /** The database of the handlers' transactions. Without one the handlers get a transaction that refuses statements. */
  readonly database: Database | undefined;
}

/** The most events of one transaction. */
export const MAX_BATCH = 500;

/** Waiting for a retry is done in steps of this length, with a heartbeat after each. */
const HEARTBEAT_STEP_MS = 1000;

/**
 * Thrown out of a wait when the consumer has lost the partition or is to stop: the events are delivered again. `cause`: what the heartbeat
 * threw, if it did.
 */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Applies events: those that arrive at the same time in one transaction. An event that fails permanently is dead-lettered. */
export class EventApplier {
  readonly #options: ConsumerOptions;
  readonly #handlers: ReadonlyMap<string, EventHandler>;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  readonly #batches: Rounds<Delivery>;

  /** `publisher`: what sends dead letters. */
  constructor(options: ConsumerOptions, publisher: Publisher, log: Logger) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.type, handler]));
    this.#publisher = publisher;
    this.#log = log;
    this.#batches = new Rounds((deliveries) => this.#applyBatch(deliveries), MAX_BATCH);
  }

  /**
   * Applies records that follow each other in a partition; several partitions at the same time. Returns when each is applied,
   * dead-lettered, or of a type that has no handler. Throws Interrupted if they are to be delivered again.
   */
  async apply(records: readonly IncomingRecord[], attempt: Attempt): Promise<void> {
    const { deliveries, dead } = plan(records, this.#handlers);
    for (const { record, reason } of dead) await this.#deadLetter(record, reason, attempt);
    await this.#applyTogether(deliveries, attempt);
  }

  /** Applies all in one transaction with those of other partitions. If one fails permanently, each in its own. */
  async #applyTogether(deliveries: readonly Delivery[], attempt: Attempt): Promise<void> {
    if (deliveries.length === 0) return;
    try {
      await attempt.until(() => this.#batches.do(deliveries));
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      if (deliveries.length === 1) {
        const [only] = deliveries;
        if (only !== undefined) await this.#deadLetter(only.record, reasonOf(error), attempt);
        return;
      }
      for (const delivery of deliveries) await this.#applyTogether([delivery], attempt);
    }
  }

  async #applyBatch(deliveries: readonly Delivery[]): Promise<void> {
    const { database, group } = this.#options;
    if (database === undefined) await applyInGroups(deliveries, NO_DATABASE, group);
    else await database.transaction((tx) => applyInGroups(deliveries, tx, group));
  }

  async #deadLetter(record: IncomingRecord, reason: string, attempt: Attempt): Promise<void> {
    const { topic, partition, offset } = record;
    await attempt.until(
      () => this.#publisher.send([deadLetter(record, this.#options.group, reason, new Date())]),
      () => false,
    );
    this.#log.error(
      { topic, partition, offset, id: record.headers.ce_id, type: record.headers.ce_type, reason },
      'an event was dead-lettered',
    );
  }
}

/** What an attempt depends on. */
export interface AttemptOptions {
  readonly log: Logger;
  readonly heartbeat: () => Promise<void>;
  /** Whether the consumer still has the partition and is not to stop. */
  readonly going: () => boolean;
}

/** Doing something again while it fails in passing, as long as the partition is ours. */
export class Attempt {
  readonly #options: AttemptOptions;

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  /** Does the work until it succeeds. Throws the error that is final, or Interrupted. */
  async until(work: () => Promise<void>, isFinal: (error: unknown) => boolean = isPermanent): Promise<void> {
    const { log, heartbeat, going } = this.#options;
    for (let failures = 1; ; failures++) {
      try {
        await work();
        return;
      } catch (error) {
        if (isFinal(error)) throw error;
        log.warn({ error: reasonOf(error), failures }, 'an event could not be applied, trying again');
      }
      for (let left = backoff(failures); left > 0; left -= HEARTBEAT_STEP_MS) {
        await pause(Math.min(left, HEARTBEAT_STEP_MS), NEVER);
        if (!going()) throw new Interrupted('the consumer is to stop or has lost the partition');
        try {
          await heartbeat();
        } catch (cause) {
          throw new Interrupted('the consumer has lost its place in the group', { cause });
        }
      }
    }
  }
}

const NEVER = new AbortController().signal;

const NO_DATABASE: Tx = {
  query: () => Promise.reject(noDatabase()),
  write: () => {
    throw noDatabase();
  },
  append: () => {
    throw noDatabase();
  },
};

function noDatabase(): Error {
  return new Error('this consumer was given no database, so its handlers have no transaction');
}

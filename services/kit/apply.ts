import type { Database, Tx } from './database.ts';
import { deadLetter, type IncomingRecord } from './dead-letters.ts';
import { type Delivery, isPermanent, plan } from './deliveries.ts';
import type { EventHandler } from './events.ts';
import type { Publisher } from './kafka.ts';
import { type Logger, reasonOf } from './log.ts';
import { Rounds } from './rounds.ts';
import { contextFrom, inSpan, SpanKind } from './telemetry.ts';
import { backoff, pause } from './waiting.ts';

/** What a consumer consumes, and where it keeps what it has applied. */
export interface ConsumerOptions {
  readonly group: string;
  readonly handlers: readonly EventHandler[];
  /** Where effects and the ids of applied events are kept, in one transaction. Without it the handlers are idempotent themselves. */
  readonly database: Database | undefined;
}

/** How many events one transaction applies at most: it holds the locks of all of them, for which calls wait. */
export const MOST_TOGETHER = 32;

/** Waiting for a retry is done in steps of this length, with a heartbeat after each. */
const HEARTBEAT_STEP_MS = 1000;

/**
 * Thrown out of a wait when the consumer has lost the partition or is to stop: the events are delivered again. `cause`: what the heartbeat
 * threw, if it did.
 */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Applies events: each once, those that come at the same time together, and each that fails for good becomes a dead letter. */
export class EventApplier {
  readonly #options: ConsumerOptions;
  readonly #handlers: ReadonlyMap<string, EventHandler>;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  readonly #transactions: Rounds<Delivery> | undefined;

  /** `publisher`: what sends dead letters. */
  constructor(options: ConsumerOptions, publisher: Publisher, log: Logger) {
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.type, handler]));
    this.#publisher = publisher;
    this.#log = log;
    const { database } = options;
    this.#transactions = database && new Rounds((deliveries) => this.#applyNew(deliveries, database), MOST_TOGETHER);
  }

  /**
   * Applies records that follow each other in a partition; several partitions at the same time. Returns when each is applied (now or before),
   * put aside, or of a type that nobody handles here. Throws Interrupted if they are to be delivered again.
   */
  async apply(records: readonly IncomingRecord[], attempt: Attempt): Promise<void> {
    const { deliveries, dead } = plan(records, this.#handlers);
    for (const { record, reason } of dead) await this.#putAside(record, reason, attempt);
    if (this.#transactions === undefined) await this.#applyByKey(deliveries, attempt);
    else await this.#applyTogether(deliveries, this.#transactions, attempt);
  }

  /** All in one transaction, with those of other partitions; if one fails for good, each in its own, so that only that one is put aside. */
  async #applyTogether(deliveries: readonly Delivery[], transactions: Rounds<Delivery>, attempt: Attempt): Promise<void> {
    if (deliveries.length === 0) return;
    try {
      await attempt.until(() => transactions.do(deliveries));
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      if (deliveries.length === 1) {
        const [only] = deliveries;
        if (only !== undefined) await this.#putAside(only.record, reasonOf(error), attempt);
        return;
      }
      for (const delivery of deliveries) await this.#applyTogether([delivery], transactions, attempt);
    }
  }

  /** Applies those of the events that were not applied before. */
  async #applyNew(deliveries: readonly Delivery[], database: Database): Promise<void> {
    const ids = deliveries.map(({ envelope }) => envelope.id);
    await database.transaction(async (tx) => {
      const rows = await tx.query<{ event_id: string }>(
        `insert into processed_events (consumer_group, event_id) select $1, id from unnest($2::uuid[]) as id
         on conflict do nothing returning event_id`,
        [this.#options.group, ids],
      );
      const fresh = new Set(rows.map(({ event_id }) => event_id));
      for (const delivery of deliveries) {
        // An event that is in the chunk twice is fresh once.
        if (fresh.delete(delivery.envelope.id.toLowerCase())) await this.#applyOne(delivery, tx);
      }
    });
  }

  /** Each event by itself; those of different keys at the same time. */
  async #applyByKey(deliveries: readonly Delivery[], attempt: Attempt): Promise<void> {
    const keys = Map.groupBy(deliveries, ({ envelope }) => envelope.key);
    const results = await Promise.allSettled(
      [...keys.values()].map(async (ofKey) => {
        for (const delivery of ofKey) {
          try {
            await attempt.until(() => this.#applyOne(delivery, NO_DATABASE));
          } catch (error) {
            if (error instanceof Interrupted) throw error;
            await this.#putAside(delivery.record, reasonOf(error), attempt);
          }
        }
      }),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #applyOne({ envelope, apply }: Delivery, tx: Tx): Promise<void> {
    const attributes = {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': envelope.topic,
      'messaging.destination.partition.id': String(envelope.partition),
      'messaging.consumer.group.name': this.#options.group,
      'messaging.kafka.message.key': envelope.key,
      'messaging.kafka.offset': Number(envelope.offset),
      'messaging.message.id': envelope.id,
    };
    const parent = contextFrom(envelope.headers);
    await inSpan(`process ${envelope.topic}`, { kind: SpanKind.CONSUMER, attributes, parent }, () => apply(tx, envelope));
  }

  async #putAside(record: IncomingRecord, reason: string, attempt: Attempt): Promise<void> {
    const { topic, partition, offset } = record;
    await attempt.until(
      () => this.#publisher.send([deadLetter(record, this.#options.group, reason, new Date())]),
      () => false,
    );
    this.#log.error(
      { topic, partition, offset, id: record.headers.ce_id, type: record.headers.ce_type, reason },
      'an event was put aside as a dead letter',
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

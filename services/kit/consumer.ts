import type { Consumer, EachBatchPayload, IHeaders } from 'kafkajs';
import type { Database, Tx } from './database.ts';
import { deadLetter, type IncomingRecord } from './dead-letters.ts';
import { type Delivery, isPermanent, plan, reasonOf } from './deliveries.ts';
import { type EventHandler, topicOf } from './events.ts';
import type { KafkaPort, Publisher } from './kafka.ts';
import type { Logger } from './log.ts';
import { contextFrom, inSpan, SpanKind } from './telemetry.ts';
import { backoff, pause, within } from './waiting.ts';

/** What a consumer consumes, and where it keeps what it has applied. */
export interface ConsumerOptions {
  readonly group: string;
  readonly handlers: readonly EventHandler[];
  /** Where effects and the ids of applied events are kept, in one transaction. Without it the handlers are idempotent themselves. */
  readonly database: Database | undefined;
}

/** How many events one transaction applies at most: it holds the locks of all of them, for which calls wait. */
const CHUNK = 100;

/** Leaving the group may take this long at a stop; a broker that is gone notices by itself. */
const LEAVE_TIMEOUT_MS = 5000;

/** Waiting for a retry is done in steps of this length, with a heartbeat after each. */
const HEARTBEAT_STEP_MS = 1000;

/** Thrown out of a wait when the consumer has lost the partition or is to stop: the events are delivered again. */
class Interrupted extends Error {}

/**
 * Consumes events for a group. Per chunk of a batch: event ids and effects in one transaction, then the offset. A transient failure is tried
 * again, and the partition waits; an event that fails for good becomes a dead letter, and the others go on.
 */
export class EventConsumer {
  readonly #port: KafkaPort;
  readonly #options: ConsumerOptions;
  readonly #handlers: ReadonlyMap<string, EventHandler>;
  readonly #publisher: Publisher;
  readonly #log: Logger;

  constructor(port: KafkaPort, options: ConsumerOptions, log: Logger) {
    this.#port = port;
    this.#options = options;
    this.#handlers = new Map(options.handlers.map((handler) => [handler.type, handler]));
    this.#publisher = port.publisher();
    this.#log = log.child({ group: options.group });
  }

  /** Runs until the signal is aborted, however often Kafka goes away; then finishes the events at hand and leaves the group. */
  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const consumer = this.#port.consumer(this.#options.group);
      const started = Date.now();
      try {
        await this.#consume(consumer, signal);
      } catch (error) {
        // One that ran well for a while fails for a new reason.
        failures = Date.now() - started > 30_000 ? 1 : failures + 1;
        this.#log.warn({ err: error, failures }, 'consuming was interrupted, starting again');
      } finally {
        await within(LEAVE_TIMEOUT_MS, consumer.disconnect()).catch((error: unknown) =>
          this.#log.debug({ err: error }, 'leaving the group failed'),
        );
      }
      if (!signal.aborted) await pause(backoff(failures), signal);
    }
    await this.#publisher.close();
  }

  /** Consumes until the signal is aborted; throws what ends it before. */
  async #consume(consumer: Consumer, signal: AbortSignal): Promise<void> {
    const topics = [...new Set([...this.#handlers.keys()].map(topicOf))];
    await this.#port.createTopics(topics);
    const crash = Promise.withResolvers<never>();
    consumer.on(consumer.events.CRASH, ({ payload }) => crash.reject(payload.error));
    // Nobody may be waiting for it yet.
    crash.promise.catch(() => undefined);
    await consumer.connect();
    // A new group begins with what was sent before it came to be.
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({ autoCommit: true, eachBatchAutoResolve: false, eachBatch: (payload) => this.#batch(payload, signal) });
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([crash.promise, stopped]);
  }

  async #batch({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload, signal: AbortSignal): Promise<void> {
    const { topic, partition } = batch;
    const going = () => isRunning() && !isStale() && !signal.aborted;
    for (let start = 0; start < batch.messages.length && going(); start += CHUNK) {
      const messages = batch.messages.slice(start, start + CHUNK);
      const records = messages.map(({ key, value, headers, offset }) => ({
        topic,
        partition,
        offset,
        key,
        value,
        headers: texts(headers),
      }));
      const attempt = new Attempt({ log: this.#log, heartbeat, going });
      try {
        await this.#chunk(records, attempt);
      } catch (error) {
        // Without its offset being resolved the chunk is delivered again, here or where the partition is now.
        if (error instanceof Interrupted) return;
        throw error;
      }
      const last = messages.at(-1);
      if (last !== undefined) resolveOffset(last.offset);
      await heartbeat();
    }
  }

  async #chunk(records: readonly IncomingRecord[], attempt: Attempt): Promise<void> {
    const { deliveries, dead } = plan(records, this.#handlers);
    for (const { record, reason } of dead) await this.#putAside(record, reason, attempt);
    const { database } = this.#options;
    if (database === undefined) await this.#applyByKey(deliveries, attempt);
    else await this.#applyTogether(deliveries, database, attempt);
  }

  /** All in one transaction; if one of them fails for good, each in its own, so that only that one is put aside. */
  async #applyTogether(deliveries: readonly Delivery[], database: Database, attempt: Attempt): Promise<void> {
    if (deliveries.length === 0) return;
    try {
      await attempt.until(() => this.#applyOnce(deliveries, database));
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      if (deliveries.length === 1) {
        const [only] = deliveries;
        if (only !== undefined) await this.#putAside(only.record, reasonOf(error), attempt);
        return;
      }
      for (const delivery of deliveries) await this.#applyTogether([delivery], database, attempt);
    }
  }

  /** Applies those of the events that were not applied before. */
  async #applyOnce(deliveries: readonly Delivery[], database: Database): Promise<void> {
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
        if (fresh.delete(delivery.envelope.id.toLowerCase())) await this.#apply(delivery, tx);
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
            await attempt.until(() => this.#apply(delivery, NO_DATABASE));
          } catch (error) {
            if (error instanceof Interrupted) throw error;
            await this.#putAside(delivery.record, reasonOf(error), attempt);
          }
        }
      }),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #apply({ envelope, apply }: Delivery, tx: Tx): Promise<void> {
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

interface AttemptOptions {
  readonly log: Logger;
  readonly heartbeat: () => Promise<void>;
  /** Whether the consumer still has the partition and is not to stop. */
  readonly going: () => boolean;
}

/** Doing something again while it fails in passing, as long as the partition is ours. */
class Attempt {
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
        log.warn({ err: error, failures }, 'an event could not be applied, trying again');
      }
      for (let left = backoff(failures); left > 0; left -= HEARTBEAT_STEP_MS) {
        await pause(Math.min(left, HEARTBEAT_STEP_MS), NEVER);
        if (!going()) throw new Interrupted();
        await heartbeat();
      }
    }
  }
}

const NEVER = new AbortController().signal;

const NO_DATABASE: Tx = {
  query: () => Promise.reject(new Error('this consumer was given no database, so its handlers have no transaction')),
};

function texts(headers: IHeaders | undefined): Record<string, string> {
  const entries = Object.entries(headers ?? {}).flatMap(([name, value]) => {
    const [first] = Array.isArray(value) ? value : [value];
    return first === undefined ? [] : [[name, first.toString()] as const];
  });
  return Object.fromEntries(entries);
}

import type { Consumer, EachBatchPayload } from 'kafkajs';
import { Attempt, type ConsumerOptions, EventApplier, Interrupted, MAX_BATCH } from './apply.ts';

import { HEARTBEAT_MS, headerTexts, type KafkaPort, type Publisher } from './kafka.ts';
import { type Logger, reasonOf } from './log.ts';
import { OffsetCommits } from './offsets.ts';
import { topicOf } from './topics.ts';
import { backoff, pause, within } from './waiting.ts';

/**
 * How many partitions' events are handed on at the same time, so that one transaction can apply what came for all of them. More than a member
 * is given of a few topics.
 */
const PARTITIONS_AT_ONCE = 32;

/** How often the broker is told how far the group has come. */
const COMMIT_MS = 500;

/**
 * The least time from the start of a batch to the next fetch, in milliseconds. Under load one batch has what arrived meanwhile; an event
 * after a silence is applied at once.
 */
const PACE_MS = 40;

/** Leaving the group may take this long at a stop; a broker that is gone notices by itself. */
const LEAVE_TIMEOUT_MS = 5000;

/**
 * Consumes events for a group: applies what arrived from all partitions in one transaction and commits offsets every COMMIT_MS. A
 * transient failure is retried. An event that fails permanently is dead-lettered.
 */
export class EventConsumer {
  readonly #port: KafkaPort;
  readonly #options: ConsumerOptions;
  readonly #publisher: Publisher;
  readonly #applier: EventApplier;
  readonly #log: Logger;

  constructor(port: KafkaPort, options: ConsumerOptions, log: Logger) {
    this.#port = port;
    this.#options = options;
    this.#publisher = port.publisher();
    this.#log = log.child({ group: options.group });
    this.#applier = new EventApplier(options, this.#publisher, this.#log);
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
        this.#log.warn({ error: reasonOf(error), failures }, 'consuming was interrupted, starting again');
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
    const topics = [...new Set(this.#options.handlers.map(({ type }) => topicOf(type)))];
    await this.#port.createTopics(topics);
    const crash = Promise.withResolvers<never>();
    consumer.on(consumer.events.CRASH, ({ payload }) => crash.reject(payload.error));
    // Nobody may be waiting for it yet.
    crash.promise.catch(() => undefined);
    await consumer.connect();
    // A new group begins with what was sent before it came to be.
    await consumer.subscribe({ topics, fromBeginning: true });
    const commits = new OffsetCommits((offsets) => consumer.commitOffsets(offsets), this.#log);
    consumer.on(consumer.events.GROUP_JOIN, () => commits.forget());
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.#batch(payload, commits, signal),
    });
    const committing = setInterval(() => void commits.flush(), COMMIT_MS);
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await Promise.race([crash.promise, stopped]);
      await commits.flush();
    } finally {
      clearInterval(committing);
    }
  }

  async #batch(payload: EachBatchPayload, commits: OffsetCommits, signal: AbortSignal): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    const { topic, partition } = batch;
    const started = performance.now();
    const going = () => isRunning() && !isStale() && !signal.aborted;
    for (let start = 0; start < batch.messages.length && going(); start += MAX_BATCH) {
      const messages = batch.messages.slice(start, start + MAX_BATCH);
      const records = messages.map(({ key, value, headers, offset }) => ({
        topic,
        partition,
        offset,
        key,
        value,
        headers: headerTexts(headers),
      }));
      // A slow database must not cost the membership. What such a heartbeat throws, the next one below throws again.
      const beating = setInterval(() => heartbeat().catch(() => undefined), HEARTBEAT_MS);
      try {
        await this.#applier.apply(records, new Attempt({ log: this.#log, heartbeat, going }));
      } catch (error) {
        // Without its offset being resolved the chunk is delivered again, here or where the partition is now.
        if (error instanceof Interrupted && error.cause === undefined) return;
        // kafkajs has to see what its heartbeat threw: it joins the group again.
        throw error instanceof Interrupted ? error.cause : error;
      } finally {
        clearInterval(beating);
      }
      const last = messages.at(-1);
      if (last !== undefined) {
        resolveOffset(last.offset);
        commits.applied(topic, partition, last.offset);
      }
      await heartbeat();
    }
    // kafkajs fetches again when all partitions of the last fetch are done.
    const early = started + PACE_MS - performance.now();
    if (early > 0) await pause(early, signal);
  }
}

import type { Consumer, EachBatchPayload } from 'kafkajs';
import { failpoint } from '../runtime/failpoints.ts';
import { type Logger, reasonOf } from '../runtime/log.ts';
import { backoff, orAborted, pause, within } from '../runtime/waiting.ts';
import { type ConsumerOptions, EventApplier, MAX_BATCH } from './apply.ts';
import type { IncomingRecord } from './dead-letters.ts';
import { HEARTBEAT_MS, headerTexts, type KafkaPort, type Publisher } from './kafka.ts';
import { OffsetCommits } from './offsets.ts';
import { PartitionRetries } from './retries.ts';
import { topicOf } from './topics.ts';

/** How many partitions of one fetch are handled at the same time, so that one transaction can apply their events. */
const PARTITIONS_AT_ONCE = 32;

/** How often offsets are committed, in milliseconds. */
const COMMIT_MS = 500;

/**
 * The least time from the start of a batch to the next fetch, in milliseconds. Under load one batch has what arrived meanwhile; an event
 * after a silence is applied at once.
 */
const PACE_MS = 16;

/** Effects are committed; the offset is not. */
const applied = failpoint('consumer.applied');

/** The longest wait for leaving the group at a stop, in milliseconds. */
const LEAVE_TIMEOUT_MS = 5000;

/** What belongs to one kafkajs consumer, from its start to its crash or stop. */
interface Session {
  readonly commits: OffsetCommits;
  readonly retries: PartitionRetries;
  readonly signal: AbortSignal;
  /** Sends a heartbeat if one is due. */
  heartbeat: () => Promise<void>;
}

/**
 * Consumes events for a group: applies what arrived from all partitions in one transaction and commits offsets every COMMIT_MS. An event that
 * fails transiently is retried while its partition pauses. An event that fails permanently is dead-lettered.
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

  /** Runs until the signal is aborted, through interruptions of Kafka. Then finishes the batch and leaves the group. */
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

  /** Consumes until the signal is aborted. Throws the error that ends it before. */
  async #consume(consumer: Consumer, signal: AbortSignal): Promise<void> {
    const topics = [...new Set(this.#options.handlers.map(({ type }) => topicOf(type)))];
    await this.#port.createTopics(topics);
    const crash = Promise.withResolvers<never>();
    consumer.on(consumer.events.CRASH, ({ payload }) => crash.reject(payload.error));
    // It may reject before it is awaited.
    crash.promise.catch(() => undefined);
    await consumer.connect();
    // A new group begins with the events sent before it was created.
    await consumer.subscribe({ topics, fromBeginning: true });
    const commits = new OffsetCommits((offsets) => consumer.commitOffsets(offsets), this.#log);
    const retries = new PartitionRetries(consumer, this.#applier, this.#log);
    const session: Session = { commits, retries, signal, heartbeat: () => Promise.resolve() };
    consumer.on(consumer.events.GROUP_JOIN, () => {
      commits.forget();
      retries.abandon();
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.#batch(payload, session),
    });
    const committing = setInterval(() => void commits.flush(), COMMIT_MS);
    // A slow batch must not cost the membership. kafkajs sends its own heartbeats between batches, and acts on their errors.
    const beating = setInterval(() => session.heartbeat().catch(() => undefined), HEARTBEAT_MS);
    try {
      await orAborted(crash.promise, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      await commits.flush();
    } finally {
      clearInterval(committing);
      clearInterval(beating);
      retries.abandon();
      await retries.ended();
    }
  }

  async #batch(payload: EachBatchPayload, session: Session): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    const { topic, partition, messages } = batch;
    const started = performance.now();
    const onSettled = ({ offset }: IncomingRecord) => {
      resolveOffset(offset);
      session.commits.applied(topic, partition, offset);
    };
    session.heartbeat = heartbeat;
    for (let start = 0; start < messages.length; start += MAX_BATCH) {
      // Records whose offset is not resolved are delivered again, to this member or another.
      if (!isRunning() || isStale() || session.signal.aborted) return;
      const records = messages.slice(start, start + MAX_BATCH).map(({ key, value, headers, offset }) => {
        return { topic, partition, offset, key, value, headers: headerTexts(headers), rawHeaders: headers ?? {} };
      });
      const { settled, error } = await this.#applier.apply(records, session.signal);
      await applied();
      const last = records[settled - 1];
      if (last !== undefined) onSettled(last);
      const [first, ...others] = records.slice(settled);
      if (first !== undefined) {
        if (!session.signal.aborted) session.retries.start({ records: [first, ...others], error, onSettled });
        return;
      }
      await heartbeat();
    }
    // kafkajs fetches again when all partitions of the last fetch are done.
    const early = started + PACE_MS - performance.now();
    if (early > 0) await pause(early, session.signal);
  }
}

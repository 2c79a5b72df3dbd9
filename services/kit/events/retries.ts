import type { Consumer, TopicPartitions } from 'kafkajs';
import { type Logger, reasonOf } from '../runtime/log.ts';
import { backoff, pause } from '../runtime/waiting.ts';
import type { EventApplier } from './apply.ts';
import type { IncomingRecord } from './dead-letters.ts';
import { isStoreUnavailable } from './transient-errors.ts';

/** Consecutive records of one partition. The first record failed transiently. */
export interface FailedRecords {
  readonly records: readonly [IncomingRecord, ...IncomingRecord[]];
  readonly error: unknown;
  /** Called with the last record that is settled, each time some are. */
  readonly onSettled: (last: IncomingRecord) => void;
}

/**
 * Retries events that failed transiently, with a back-off per partition. Meanwhile only that partition is paused.
 */
export class PartitionRetries {
  readonly #consumer: Pick<Consumer, 'pause' | 'resume'>;
  readonly #applier: EventApplier;
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();
  #assignment = new AbortController();

  constructor(consumer: Pick<Consumer, 'pause' | 'resume'>, applier: EventApplier, log: Logger) {
    this.#consumer = consumer;
    this.#applier = applier;
    this.#log = log;
  }

  /** Pauses the partition and retries its records in the background until all are settled; then resumes the partition. */
  start(failed: FailedRecords): void {
    const { topic, partition } = failed.records[0];
    const paused = [{ topic, partitions: [partition] }];
    this.#consumer.pause(paused);
    const retry = this.#retry(failed, this.#assignment.signal).then(() => {
      this.#running.delete(retry);
      this.#resume(paused);
    });
    this.#running.add(retry);
  }

  /** Ends all retries, because other members may have the partitions now: records that are not settled are delivered again. */
  abandon(): void {
    this.#assignment.abort();
    this.#assignment = new AbortController();
  }

  /** Waits for the running tries of abandoned retries. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  #resume(paused: TopicPartitions[]): void {
    try {
      this.#consumer.resume(paused);
    } catch (error) {
      // kafkajs has no paused partitions any more after a crash.
      this.#log.debug({ err: error }, 'resuming partitions failed');
    }
  }

  async #retry({ records, error, onSettled }: FailedRecords, signal: AbortSignal): Promise<void> {
    let remaining: readonly IncomingRecord[] = records;
    let lastError = error;
    for (let failures = 1; ; failures++) {
      const { topic, partition, offset } = remaining[0] ?? records[0];
      this.#log.warn({ topic, partition, offset, error: reasonOf(lastError), failures }, 'events could not be applied, trying again');
      await pause(backoff(failures), signal);
      if (signal.aborted) return;
      // In a transaction of its own, so that an event that waits for a lock delays no other partition.
      const outcome = isStoreUnavailable(lastError)
        ? await this.#applier.apply(remaining, signal)
        : await this.#applier.applyAlone(remaining, signal);
      if (signal.aborted) return;
      const last = remaining[outcome.settled - 1];
      if (last !== undefined) {
        onSettled(last);
        failures = 0;
      }
      if (outcome.error === undefined) return;
      remaining = remaining.slice(outcome.settled);
      lastError = outcome.error;
    }
  }
}

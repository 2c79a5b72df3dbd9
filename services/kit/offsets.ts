import type { TopicPartitionOffset } from './kafka.ts';
import type { Logger } from './log.ts';

/**
 * Tells the broker how far a consumer has come: not after each batch, which would cost more than most batches, but from time to time. What was
 * applied and not yet told when the process dies is delivered again, and known by its event ids.
 */
export class OffsetCommits {
  readonly #commit: (offsets: TopicPartitionOffset[]) => Promise<void>;
  readonly #log: Logger;
  readonly #offsets = new Map<string, TopicPartitionOffset>();

  /** `commit`: tells the broker the offset of the next record to read, for each partition. */
  constructor(commit: (offsets: TopicPartitionOffset[]) => Promise<void>, log: Logger) {
    this.#commit = commit;
    this.#log = log;
  }

  /** Notes that a partition's records up to this offset are applied. */
  applied(topic: string, partition: number, offset: string): void {
    this.#offsets.set(`${topic}/${partition}`, { topic, partition, offset: String(BigInt(offset) + 1n) });
  }

  /** Forgets what was noted: other members may have the partitions now. */
  forget(): void {
    this.#offsets.clear();
  }

  /** Commits what was noted since the last time. A failure is left to the next delivery. */
  async flush(): Promise<void> {
    const offsets = [...this.#offsets.values()];
    if (offsets.length === 0) return;
    this.#offsets.clear();
    await this.#commit(offsets).catch((error: unknown) => this.#log.debug({ err: error }, 'committing offsets failed'));
  }
}

import type { Logger } from '../runtime/log.ts';
import type { TopicPartitionOffset } from './kafka.ts';

/**
 * Commits the offsets of a consumer periodically, because a commit costs more than most batches.
 * Records whose offsets are not committed when the process ends are delivered again.
 */
export class OffsetCommits {
  readonly #commit: (offsets: TopicPartitionOffset[]) => Promise<void>;
  readonly #log: Logger;
  #pending = new Map<string, TopicPartitionOffset>();
  #assignment = 0;
  #last: Promise<void> = Promise.resolve();

  /** `commit`: commits the offset of the next record to read, for each partition. */
  constructor(commit: (offsets: TopicPartitionOffset[]) => Promise<void>, log: Logger) {
    this.#commit = commit;
    this.#log = log;
  }

  /** Notes that the records of a partition up to this offset are applied. */
  applied(topic: string, partition: number, offset: string): void {
    this.#pending.set(`${topic}/${partition}`, { topic, partition, offset: String(BigInt(offset) + 1n) });
  }

  /** Forgets all pending offsets: other members may have the partitions now. */
  forget(): void {
    this.#pending = new Map();
    this.#assignment++;
  }

  /** Commits the pending offsets. After a failure they stay pending. Commits never overlap, so that an older one cannot finish last. */
  async flush(): Promise<void> {
    this.#last = this.#last.then(() => this.#commitPending());
    await this.#last;
  }

  async #commitPending(): Promise<void> {
    const offsets = this.#pending;
    if (offsets.size === 0) return;
    const assignment = this.#assignment;
    this.#pending = new Map();
    try {
      await this.#commit([...offsets.values()]);
    } catch (error) {
      this.#log.debug({ err: error }, 'committing offsets failed');
      // Newer offsets of the same partitions replace these.
      if (assignment === this.#assignment) this.#pending = new Map([...offsets, ...this.#pending]);
    }
  }
}

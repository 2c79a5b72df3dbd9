import type { Batch } from 'kafkajs';
import { newId } from '../runtime/ids.ts';
import type { Logger } from '../runtime/log.ts';
import type { KafkaSettings } from '../runtime/settings.ts';
import { within } from '../runtime/waiting.ts';
import { type IncomingRecord, revive } from './dead-letters.ts';
import { DEAD_LETTER_SUFFIX, headerTexts, KafkaPort, type OutgoingRecord } from './kafka.ts';

const READ_TIMEOUT_MS = 30_000;
const REPLAY_BATCH = 200;

/** A dead letter that was not replayed. */
export interface DeadLetter extends IncomingRecord {
  /** The id and type of the event. Absent if the record was not an event. */
  readonly id: string | undefined;
  readonly type: string | undefined;
  /** Why it was dead-lettered, by which group, and when (ISO 8601). */
  readonly reason: string;
  readonly group: string;
  readonly time: string;
  /** The topic that it came from. */
  readonly origin: string;
}

/** Selects the dead letters of one topic (the name of the original), or of all. */
export interface DeadLetterFilter {
  readonly topic?: string | undefined;
}

/** Returns the dead letters, the oldest first in each partition. */
export async function listDeadLetters(settings: KafkaSettings, log: Logger, filter: DeadLetterFilter = {}): Promise<DeadLetter[]> {
  const port = new KafkaPort(`dlq-${newId()}`, settings, log);
  return await pendingDeadLetters(port, filter);
}

/**
 * Sends the dead letters to their original topics, where every group consumes them, and deletes them from the dead-letter topics.
 * Handlers are idempotent, so groups that have applied an event are not affected. An event that several groups dead-lettered is sent once.
 * Returns the dead letters. After an error, some may have been sent and still be listed; sending them again is harmless.
 */
export async function replayDeadLetters(settings: KafkaSettings, log: Logger, filter: DeadLetterFilter = {}): Promise<DeadLetter[]> {
  const port = new KafkaPort(`dlq-${newId()}`, settings, log);
  const deadLetters = await pendingDeadLetters(port, filter);
  const publisher = port.publisher();
  const sent = new Set<string>();
  // Without this, an event that fails for three groups would be nine dead letters after one replay, and 27 after the next.
  const isFirst = (letter: DeadLetter) => sent.size < sent.add(eventOf(letter)).size;
  try {
    for (let start = 0; start < deadLetters.length; start += REPLAY_BATCH) {
      const batch = deadLetters.slice(start, start + REPLAY_BATCH);
      const records = batch.filter(isFirst).map(revive);
      await publisher.send(records.filter((record): record is OutgoingRecord => record !== undefined));
      await deleteDeadLetters(port, batch);
    }
  } finally {
    await publisher.close();
  }
  return deadLetters;
}

/** Returns the same text for all dead letters of one event. A record that is not an event is identified by its offset. */
function eventOf({ origin, id, headers }: DeadLetter): string {
  return JSON.stringify([origin, id ?? [headers['dlq-partition'], headers['dlq-offset']]]);
}

/** A range of a partition: `next` is the first offset to read, `end` the first one after the range. */
interface Stretch {
  readonly topic: string;
  readonly partition: number;
  next: bigint;
  readonly end: bigint;
}

async function pendingDeadLetters(port: KafkaPort, { topic }: DeadLetterFilter): Promise<DeadLetter[]> {
  const stretches = await pendingStretches(port, topic);
  const records = await read(port, stretches);
  return records.map((record) => {
    const { headers } = record;
    return {
      ...record,
      id: headers.ce_id,
      type: headers.ce_type,
      reason: headers['dlq-reason'] ?? '',
      group: headers['dlq-group'] ?? '',
      time: headers['dlq-time'] ?? '',
      origin: headers['dlq-topic'] ?? '',
    };
  });
}

async function pendingStretches(port: KafkaPort, topic: string | undefined): Promise<Stretch[]> {
  return await port.admin(async (admin) => {
    const all = (await admin.listTopics()).filter((name) => name.endsWith(DEAD_LETTER_SUFFIX));
    const topics = topic === undefined ? all : all.filter((name) => name === topic + DEAD_LETTER_SUFFIX);
    const stretches: Stretch[] = [];
    for (const name of topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(name)) {
        if (low !== high) stretches.push({ topic: name, partition, next: BigInt(low), end: BigInt(high) });
      }
    }
    return stretches;
  });
}

/** Reads ranges through a temporary consumer group. */
async function read(port: KafkaPort, stretches: readonly Stretch[]): Promise<IncomingRecord[]> {
  if (stretches.length === 0) return [];
  const group = `dlq-read-${newId()}`;
  const consumer = port.consumer(group);
  const records: IncomingRecord[] = [];
  const done = Promise.withResolvers<void>();
  // It may reject before it is awaited.
  done.promise.catch(() => undefined);
  const take = ({ topic, partition, messages }: Batch) => {
    const stretch = stretches.find((candidate) => candidate.topic === topic && candidate.partition === partition);
    for (const { offset, key, value, headers } of messages) {
      const position = BigInt(offset);
      if (stretch === undefined || position < stretch.next || position >= stretch.end) continue;
      stretch.next = position + 1n;
      records.push({ topic, partition, offset, key, value, headers: headerTexts(headers), rawHeaders: headers ?? {} });
    }
    if (stretches.every(({ next, end }) => next >= end)) done.resolve();
  };
  try {
    consumer.on(consumer.events.CRASH, ({ payload }) => done.reject(payload.error));
    await consumer.connect();
    await consumer.subscribe({ topics: [...new Set(stretches.map(({ topic }) => topic))], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: ({ batch }) => Promise.resolve(take(batch)) });
    for (const { topic, partition, next } of stretches) consumer.seek({ topic, partition, offset: String(next) });
    if (!(await within(READ_TIMEOUT_MS, done.promise))) throw new Error('the dead letters could not be read in time');
  } finally {
    await consumer.disconnect();
    // A group that was never created cannot be deleted. An empty group expires.
    await port.admin((admin) => admin.deleteGroups([group])).catch(() => undefined);
  }
  return records.sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)));
}

/** Deletes the dead letters and all earlier records of their partitions. */
async function deleteDeadLetters(port: KafkaPort, deadLetters: readonly DeadLetter[]): Promise<void> {
  const byTopic = Map.groupBy(deadLetters, ({ topic }) => topic);
  await port.admin(async (admin) => {
    for (const [topic, ofTopic] of byTopic) {
      // The dead letters are in the order of their offsets, so the last one of a partition wins.
      const ends = new Map(ofTopic.map(({ partition, offset }) => [partition, String(BigInt(offset) + 1n)]));
      // Loads the topic's metadata, which deleteTopicRecords needs.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [...ends].map(([partition, offset]) => ({ partition, offset })) });
    }
  });
}

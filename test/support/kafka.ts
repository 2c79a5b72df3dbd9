import { randomUUID } from 'node:crypto';
import { type Admin, type Consumer, type IHeaders, logLevel, type Message, Partitioners, type RecordMetadata } from 'kafkajs';
import { expect } from 'vitest';
import { topicOf } from '#kit/events/topics.ts';
import { Kafka } from '../../services/kit/events/kafkajs.ts';
import { eventually } from './eventually.ts';
import { brokers } from './instance.ts';

/** The topics of the system that a test looks into. */
export const TOPICS = [
  'rentcar.car.v1',
  'rentcar.car.v1.holds',
  'rentcar.reservation.v1',
  'rentcar.reservation.v1.stock',
  'rentcar.rental.v1',
  'rentcar.rental.v1.allocations',
] as const;

/** A record as it lies in Kafka. */
export interface Seen {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: Readonly<IHeaders>;
}

/** A record to write. Without a partition it goes where its key belongs. */
export interface Writing {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer | Uint8Array;
  readonly headers: Readonly<IHeaders>;
  readonly partition?: number;
}

/** Where a record was written. */
export interface Written {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** A client of the broker that says nothing: what matters is in the assertions. */
export function kafka(): Kafka {
  return new Kafka({
    clientId: 'system-test',
    brokers: [brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 8 },
  });
}

/** Runs work with an administrator's connection. */
export async function administer<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka().admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Writes one record. */
export async function write(record: Writing): Promise<Written> {
  const [written] = await send([record]);
  if (written?.baseOffset === undefined) throw new Error(`the broker did not say where it put ${record.key}`);
  return { topic: record.topic, partition: written.partition, offset: written.baseOffset };
}

/** Writes records, those of one topic in their order. */
export async function writeAll(records: readonly Writing[]): Promise<void> {
  await send(records);
}

async function send(records: readonly Writing[]): Promise<RecordMetadata[]> {
  const messages = new Map<string, Message[]>();
  for (const { topic, key, value, headers, partition } of records) {
    const message = { key, value: Buffer.from(value), headers: { ...headers }, ...(partition !== undefined && { partition }) };
    messages.set(topic, [...(messages.get(topic) ?? []), message]);
  }
  const producer = kafka().producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
  await producer.connect();
  try {
    return await producer.sendBatch({ acks: -1, topicMessages: [...messages].map(([topic, each]) => ({ topic, messages: each })) });
  } finally {
    await producer.disconnect();
  }
}

/** An event as a service would send it: a message of a ts-proto type, in CloudEvents' binary mode. */
export function event<T>(
  type: { readonly $type: string; encode(message: T): { finish(): Uint8Array } },
  key: string,
  content: NoInfer<T>,
): Writing & { readonly headers: Readonly<Record<string, string>> } {
  const headers = {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_source: '/system-test',
    ce_type: type.$type,
    ce_time: new Date().toISOString(),
  };
  return { topic: topicOf(type.$type), key, value: type.encode(content).finish(), headers };
}

/** Waits until each of the groups has gone past a record, whether it applied it or put it aside. */
export async function consumed(groups: readonly string[], { topic, partition, offset }: Written): Promise<void> {
  await administer(async (admin) => {
    for (const groupId of groups) {
      await eventually(`${groupId} has consumed ${topic}[${partition}]@${offset}`, async () => {
        const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
        const committed = offsets?.partitions.find((entry) => entry.partition === partition)?.offset;
        expect(Number(committed)).toBeGreaterThan(Number(offset));
      });
    }
  });
}

/** Everything that is and comes into some topics, in the order in which it arrives here. */
export class Tap {
  readonly records: Seen[] = [];
  readonly #consumer: Consumer;

  private constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  /** Begins to read topics from their beginning, as a group of its own. */
  static async open(topics: readonly string[]): Promise<Tap> {
    const consumer = kafka().consumer({
      groupId: `system-test-${randomUUID()}`,
      maxWaitTimeInMs: 100,
      // The shortest that brokers allow by default: as long as this the reader waits after a restart of the broker.
      sessionTimeout: 6000,
      heartbeatInterval: 500,
      allowAutoTopicCreation: false,
    });
    const tap = new Tap(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ topic, partition, message: { key, value, headers, offset } }) => {
        const texts = Object.entries(headers ?? {}).map(([name, content]) => [name, String(content)]);
        tap.records.push({
          topic,
          partition,
          offset,
          key: String(key),
          value: value ?? Buffer.alloc(0),
          headers: Object.fromEntries(texts),
          rawHeaders: headers ?? {},
        });
        return Promise.resolve();
      },
    });
    return tap;
  }

  /** Waits for the event of a type and key, and returns the first one that fits. */
  async event(type: { readonly $type: string }, key: string, fits: (record: Seen) => boolean = () => true): Promise<Seen> {
    return await eventually(`a ${type.$type} about ${key}`, () => {
      const found = this.records.find((record) => record.key === key && record.headers.ce_type === type.$type && fits(record));
      if (found === undefined) {
        throw new Error(
          `about ${key} there are ${JSON.stringify(this.records.filter((record) => record.key === key).map(({ headers }) => headers.ce_type))}`,
        );
      }
      return found;
    });
  }

  async close(): Promise<void> {
    await this.#consumer.disconnect();
  }
}

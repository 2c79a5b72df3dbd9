import { type Admin, type Consumer, type IHeaders, type LogEntry, logLevel, type Message, Partitioners, type Producer } from 'kafkajs';
import type { Logger } from '../runtime/log.ts';
import type { KafkaSettings } from '../runtime/settings.ts';
import { within } from '../runtime/waiting.ts';
import { Kafka } from './kafkajs.ts';

/** One record to send. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<IHeaders>;
}

/** The position of a group in a partition: the offset of the next record to read. */
export interface TopicPartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** Sends records. Concurrent calls are sent one after the other. */
export interface Publisher {
  /**
   * Sends records, in order for each key; returns when all in-sync replicas have them. Creates topics that do not exist. After an error any
   * part may have been sent.
   */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

const PARTITIONS = 6;

/** The suffix of dead-letter topics. */
export const DEAD_LETTER_SUFFIX = '.dlq';

/** Records of a dead-letter topic stay until a replay deletes them. */
const KEPT = [
  { name: 'retention.ms', value: '-1' },
  { name: 'retention.bytes', value: '-1' },
];

/** The longest time for closing a connection, in milliseconds. A lost broker must not delay a stop. */
const CLOSE_TIMEOUT_MS = 3000;

/** A member without heartbeats is removed after this time; the least that brokers allow by default. */
const SESSION_TIMEOUT_MS = 6000;
/** Short, because the answer to a heartbeat reports a rebalance. */
export const HEARTBEAT_MS = 500;
const REBALANCE_TIMEOUT_MS = 15_000;

/**
 * Retries of kafkajs. Five (about 1 s) where the caller of the port retries. Thirty (about 15 s) for consumers, to outlast the restart
 * of a broker: if a consumer gives up and rejoins, its group waits for the timeout of the old membership.
 */
const RETRY = { initialRetryTime: 50, maxRetryTime: 500 };

/** The port to Kafka. Only this module and kafkajs.ts use kafkajs, which has had no release since 2023. */
export class KafkaPort {
  readonly #kafka: Kafka;
  readonly #patientKafka: Kafka;
  readonly #replicationFactor: number;

  /** `clientId`: identifies one process. Its consumers remove members of their group that have this id, as those of a dead predecessor. */
  constructor(clientId: string, settings: KafkaSettings, log: Logger) {
    this.#replicationFactor = settings.KAFKA_REPLICATION_FACTOR;
    const config = {
      clientId,
      brokers: settings.KAFKA_BROKERS,
      connectionTimeout: 3000,
      requestTimeout: 10_000,
      logLevel: logLevel.INFO,
      logCreator: () => (entry: LogEntry) => forward(entry, log),
    };
    this.#kafka = new Kafka({ ...config, retry: { ...RETRY, retries: 5 } });
    this.#patientKafka = new Kafka({ ...config, retry: { ...RETRY, retries: 30 } });
  }

  /** Creates the missing topics, each with its dead-letter topic. */
  async createTopics(topics: readonly string[]): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      await this.#createMissing(admin, topics);
    } finally {
      await within(CLOSE_TIMEOUT_MS, admin.disconnect());
    }
  }

  async #createMissing(admin: Admin, topics: readonly string[]): Promise<void> {
    const existing = new Set(await admin.listTopics());
    const wanted = topics.flatMap((topic) => (topic.endsWith(DEAD_LETTER_SUFFIX) ? [topic] : [topic, topic + DEAD_LETTER_SUFFIX]));
    const missing = wanted.filter((topic) => !existing.has(topic));
    if (missing.length === 0) return;
    await admin.createTopics({
      topics: missing.map((topic) => ({
        topic,
        numPartitions: PARTITIONS,
        replicationFactor: this.#replicationFactor,
        configEntries: topic.endsWith(DEAD_LETTER_SUFFIX) ? KEPT : [],
      })),
      waitForLeaders: true,
    });
  }

  /** Returns an idempotent publisher: it keeps the order, and its retries send nothing twice. */
  publisher(): Publisher {
    return new KafkaPublisher(this, () =>
      this.#kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner: Partitioners.DefaultPartitioner,
        allowAutoTopicCreation: false,
      }),
    );
  }

  /** Returns a new consumer of a group. It does not restart after a crash. */
  consumer(groupId: string): Consumer {
    return this.#patientKafka.consumer({
      groupId,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      // The broker answers at once when a record comes. A waiting fetch also delays the answer to a rebalance.
      maxWaitTimeInMs: 1000,
      allowAutoTopicCreation: false,
      retry: { ...RETRY, retries: 30, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  /** Runs work with an admin client. Waits up to 15 s for a restarting broker. */
  async admin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#patientKafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await within(CLOSE_TIMEOUT_MS, admin.disconnect());
    }
  }
}

class KafkaPublisher implements Publisher {
  readonly #port: KafkaPort;
  readonly #create: () => Producer;
  readonly #topics = new Set<string>();
  #producer: Producer | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(port: KafkaPort, create: () => Producer) {
    this.#port = port;
    this.#create = create;
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    const sent = this.#last.then(() => this.#send(records));
    this.#last = sent.catch(() => undefined);
    await sent;
  }

  async #send(records: readonly OutgoingRecord[]): Promise<void> {
    const byTopic = new Map<string, Message[]>();
    for (const { topic, key, value, headers } of records) {
      const messages = byTopic.get(topic) ?? [];
      messages.push({ key, value, headers: { ...headers } });
      byTopic.set(topic, messages);
    }
    try {
      await this.#ensure([...byTopic.keys()]);
      const producer = await this.#connected();
      await producer.sendBatch({ acks: -1, topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })) });
    } catch (error) {
      // An idempotent producer with lost sequence numbers never recovers. The next send starts a new producer.
      this.#topics.clear();
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer !== undefined) await within(CLOSE_TIMEOUT_MS, producer.disconnect());
  }

  async #ensure(topics: readonly string[]): Promise<void> {
    const unknown = topics.filter((topic) => !this.#topics.has(topic));
    if (unknown.length === 0) return;
    await this.#port.createTopics(unknown);
    for (const topic of unknown) this.#topics.add(topic);
  }

  async #connected(): Promise<Producer> {
    if (this.#producer === undefined) {
      this.#producer = this.#create();
      await this.#producer.connect();
    }
    return this.#producer;
  }
}

/** Messages that kafkajs logs as errors or warnings whenever a broker or a member joins or leaves. */
const NORMAL = [
  'rebalancing',
  'rejoin is needed',
  'not aware of this member',
  'coordinator is not available',
  'coordinator is loading',
  'not the correct coordinator',
  'leadership election',
  'not the leader',
  'does not host this topic-partition',
  'Topic creation errors',
  // The caller of the port logs the failure once and retries.
  'seed broker',
  'Connection error',
  'Connection timeout',
  'Closed connection',
  'Limiting retries for the idempotent producer',
];

function forward({ level, namespace, log: entry }: LogEntry, log: Logger): void {
  const { message, timestamp: _, logger: __, stack: ___, error, ...rest } = entry;
  const texts = [message, String(error ?? '')];
  const normal = NORMAL.some((part) => texts.some((text) => text.includes(part)));
  const fields = { kafka: namespace, error, ...rest };
  // The service kit logs its own failures. Most errors of kafkajs are tries before a retry.
  if (!normal && level <= logLevel.WARN && level !== logLevel.NOTHING) log.warn(fields, message);
  else log.debug(fields, message);
}

/** Returns headers as text. Of a repeated name, the first value. */
export function headerTexts(headers: IHeaders | undefined): Record<string, string> {
  const entries = Object.entries(headers ?? {}).flatMap(([name, value]) => {
    const [first] = Array.isArray(value) ? value : [value];
    return first === undefined ? [] : [[name, first.toString()] as const];
  });
  return Object.fromEntries(entries);
}

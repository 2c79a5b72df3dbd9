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

/** Where a group stands in a partition: the offset of the next record to read. */
export interface TopicPartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** Sends records; what is sent at the same time goes one after the other. */
export interface Publisher {
  /**
   * Sends records, in order for each key; returns when all in-sync replicas have them. Creates topics that do not exist. After an error any
   * part may have been sent.
   */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

const PARTITIONS = 6;

/** What the suffix of a dead-letter topic is. */
export const DEAD_LETTER_SUFFIX = '.dlq';

/** Records of a dead-letter topic stay until a replay deletes them. */
const KEPT = [
  { name: 'retention.ms', value: '-1' },
  { name: 'retention.bytes', value: '-1' },
];

/** Closing may take this long; a broker that is gone must not hold up a stop. */
const CLOSE_TIMEOUT_MS = 3000;

/** A member without heartbeats is removed after this time; the least that brokers allow by default. */
const SESSION_TIMEOUT_MS = 6000;
/** Short, because a member learns of a rebalance by the answer to a heartbeat. */
export const HEARTBEAT_MS = 500;
const REBALANCE_TIMEOUT_MS = 15_000;

/**
 * How kafkajs tries again. Five times (about 1 s) where the user of the port tries again by itself, with what is new by then. Thirty times
 * (about 15 s) for consumers, to outlast the restart of a broker: the group waits for one that gives up and joins anew until its old
 * membership has timed out.
 */
const RETRY = { initialRetryTime: 50, maxRetryTime: 500 };

/** The port to Kafka: the one place that knows kafkajs, which has had no release since 2023. */
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

  /** Creates those of the topics that do not exist, each with its dead-letter topic. */
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

  /** A publisher that keeps what it sends in order and sends nothing twice by its own retries. */
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

  /** A consumer of a group that has seen nothing yet. It does not restart by itself. */
  consumer(groupId: string): Consumer {
    return this.#patientKafka.consumer({
      groupId,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      // A fetch that waits also holds up the answer to a rebalance.
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
      retry: { ...RETRY, retries: 30, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  /** Runs work with an administrator's connection. Waits up to 15 s for a broker that restarts. */
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
      // An idempotent producer whose sequence numbers the broker no longer follows never recovers: the next send starts a new one.
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

/** What kafkajs calls errors or warnings, but happens whenever a broker or a member comes or goes. */
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
  // The user of the port says so once, and goes on trying.
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
  // The kit reports what it gives up itself: kafkajs's errors are mostly tries that are followed by others.
  if (!normal && level <= logLevel.WARN && level !== logLevel.NOTHING) log.warn(fields, message);
  else log.debug(fields, message);
}

/** Headers as text; of a name that is there more than once the first. */
export function headerTexts(headers: IHeaders | undefined): Record<string, string> {
  const entries = Object.entries(headers ?? {}).flatMap(([name, value]) => {
    const [first] = Array.isArray(value) ? value : [value];
    return first === undefined ? [] : [[name, first.toString()] as const];
  });
  return Object.fromEntries(entries);
}

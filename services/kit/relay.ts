import type { Attributes } from '@opentelemetry/api';
import pg from 'pg';
import { connectionConfig, type PostgresDatabase } from './database.ts';
import { failpoint } from './failpoints.ts';
import type { OutgoingRecord, Publisher } from './kafka.ts';
import { type Logger, reasonOf } from './log.ts';
import { contextFrom, SpanKind, startSpan, traceHeaders } from './telemetry.ts';
import { Bell, backoff, pause } from './waiting.ts';

/** The advisory lock of the relay of a database. Any number that nothing else in that database uses. */
const RELAY_LOCK = 7_250_914_203;

const CHANNEL = 'outbox';
const BATCH = 500;

/** How often the outbox is looked at without being told, for what was committed by a process that died before it could tell. */
const POLL_MS = 1000;

/**
 * At least this long from one batch to the next: what is committed meanwhile goes with it. Under load that saves everyone on the way, from
 * the broker to the consumers' transactions, most of the work for each event; after a silence an event goes at once.
 */
const PACE_MS = 25;

/** A relay that waits to take over tells the active one of new rows; so often at most. */
const TELL_MS = 5;

/** Prepared once for the connection, as the batches of a second are many. */
const HEAD = { name: 'head', text: 'select id, topic, key, headers, value from outbox order by id limit $1' };
const DELETION = { name: 'deletion', text: 'delete from outbox where id = any($1)' };

/** Rows are sent and not yet deleted. */
const sent = failpoint('relay.sent');

interface OutboxRow {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: Buffer;
}

/**
 * Sends the outbox of a database to Kafka, in the order of its ids, and deletes what is sent. Of all relays of a database one is active: it
 * holds an advisory lock on the connection that it reads and deletes through, so that it stops being active when it loses the database.
 *
 * Rows can be sent twice (a crash between sending and deleting, a batch that failed in part); consumers know them by their event id.
 *
 * The active relay is told of new rows after their commit and not by a trigger: a NOTIFY inside the transaction makes PostgreSQL take the
 * commits of all such transactions one after the other (PreCommit_Notify locks the whole cluster's queue).
 */
export class Relay {
  readonly #url: string;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  readonly #bell = new Bell();

  constructor(database: PostgresDatabase, publisher: Publisher, log: Logger) {
    this.#url = database.url;
    this.#publisher = publisher;
    this.#log = log;
    database.onAppend(() => this.#bell.ring());
  }

  /** Runs until the signal is aborted, however often the database or Kafka go away. A batch that is being sent is finished. */
  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#connected(signal, () => {
          failures = 0;
        });
      } catch (error) {
        failures++;
        this.#log.warn({ error: reasonOf(error), failures }, 'the outbox could not be relayed, trying again');
        await pause(backoff(failures), signal);
      }
    }
    await this.#publisher.close();
  }

  async #connected(signal: AbortSignal, onProgress: () => void): Promise<void> {
    const client = new pg.Client(connectionConfig(this.#url));
    client.on('error', () => this.#bell.ring());
    client.on('notification', () => this.#bell.ring());
    try {
      await client.connect();
      // Losing a deletion in a crash of the database is harmless: the rows are sent again.
      await client.query('set synchronous_commit = off');
      await this.#becomeActive(client, signal);
      await client.query(`listen ${CHANNEL}`);
      while (!signal.aborted) {
        const begun = performance.now();
        const sent = await this.#relayBatch(client);
        onProgress();
        if (sent === BATCH) continue;
        await this.#bell.wait(POLL_MS, signal);
        const early = begun + PACE_MS - performance.now();
        if (early > 0) await pause(early, signal);
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Waits for the lock, telling the active relay meanwhile of what this process has committed. */
  async #becomeActive(client: pg.Client, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [RELAY_LOCK]);
      if (rows[0]?.locked) {
        this.#log.info('relaying the outbox');
        return;
      }
      if (await this.#bell.wait(POLL_MS, signal)) {
        await client.query(`notify ${CHANNEL}`);
        await pause(TELL_MS, signal);
      }
    }
  }

  /** Sends the head of the outbox and deletes it. Returns how many rows that were. */
  async #relayBatch(client: pg.Client): Promise<number> {
    const { rows } = await client.query<OutboxRow>({ ...HEAD, values: [BATCH] });
    if (rows.length === 0) return 0;
    const spans = rows.map((row) =>
      startSpan(`send ${row.topic}`, { kind: SpanKind.PRODUCER, attributes: attributesOf(row), parent: contextFrom(row.headers) }),
    );
    try {
      await this.#publisher.send(
        rows.map((row, index): OutgoingRecord => ({ ...row, headers: { ...row.headers, ...traceHeaders(spans[index]) } })),
      );
    } finally {
      for (const span of spans) span.end();
    }
    await sent();
    await client.query({ ...DELETION, values: [rows.map(({ id }) => id)] });
    return rows.length;
  }
}

function attributesOf({ topic, key, headers }: OutboxRow): Attributes {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'send',
    'messaging.destination.name': topic,
    'messaging.kafka.message.key': key,
    'messaging.message.id': headers.ce_id ?? '',
  };
}

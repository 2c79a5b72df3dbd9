import type { Attributes } from '@opentelemetry/api';
import pg from 'pg';
import { OutboxBatch, type OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import type { PostgresDatabase } from '../postgres/postgres.ts';
import { connectionConfig, RELAY_LIMITS } from '../postgres/sessions.ts';
import { failpoint } from '../runtime/failpoints.ts';
import { type Logger, reasonOf } from '../runtime/log.ts';
import { contextFrom, SpanKind, startSpan, traceHeaders } from '../runtime/telemetry.ts';
import { backoff, pause, Signal } from '../runtime/waiting.ts';
import { toRecord } from './events.ts';
import type { OutgoingRecord, Publisher } from './kafka.ts';

/** The advisory lock that makes one relay of a database the active one. No other code of the database uses this number. */
const RELAY_LOCK = 7_250_914_203;

const CHANNEL = 'outbox';

/** The largest number of outbox rows in a batch. A row has the events of a transaction, up to a few hundred. */
const MAX_ROWS = 64;

/** How often the relay reads the whole outbox without a signal, for rows of processes that died before they could signal. */
const POLL_MS = 1000;

/**
 * The time from one batch to the next, at least. Events that are committed meanwhile share a batch: under load this saves
 * most of the work per event in the relay, the broker, and the consumers. After a pause an event is sent at once.
 */
const PACE_MS = 64;

/** The time between two notifications to the active relay, at least. */
const NOTIFY_PACE_MS = 5;

/** How often the relay uses its session while Kafka does not answer, so that the server does not end the session as idle. */
const KEEPALIVE_MS = 5000;

/**
 * Rows this far below the newest row that was sent are read as well: their transactions may commit later. A read
 * elsewhere on the index would meet the rows that are deleted and not vacuumed yet.
 */
const LATE_ROWS = 256;

const HEAD = { name: 'head', text: 'select id, events from outbox where id > $1 order by id limit $2' };
const DELETION = { name: 'deletion', text: 'delete from outbox where id = any($1)' };

/** Rows are sent and not yet deleted. */
const sent = failpoint('relay.sent');

interface OutboxRow {
  readonly id: number;
  readonly events: Buffer;
}

/**
 * Sends the outbox of a database to Kafka, in the order of its ids, and deletes what it has sent. One relay per database
 * is active: it holds an advisory lock on the session that it reads and deletes through, so it stops being active when it
 * loses the session. The server ends the session of a frozen relay (`RELAY_LIMITS`), and another relay takes over.
 *
 * A row can be sent twice, after a crash between sending and deleting or a batch that failed in part: consumers are
 * idempotent.
 *
 * The relay is signalled after the commit and not by a trigger: a NOTIFY inside the transactions would serialise their
 * commits (PreCommit_Notify takes a lock on the queue of the whole cluster).
 */
export class Relay {
  readonly #url: string;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  readonly #appended = new Signal();
  #newestSent = 0;

  constructor(database: PostgresDatabase, publisher: Publisher, log: Logger) {
    this.#url = database.url;
    this.#publisher = publisher;
    this.#log = log;
    database.onAppend(() => this.#appended.set());
  }

  /**
   * Runs until the signal is aborted, and retries while the database or Kafka is away. Then sends what was committed before, if
   * it is the active relay, so that events do not wait until the service runs again.
   */
  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#runSession(signal, () => {
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

  async #runSession(signal: AbortSignal, onProgress: () => void): Promise<void> {
    const client = new pg.Client(connectionConfig(this.#url, RELAY_LIMITS));
    client.on('error', () => this.#appended.set());
    client.on('notification', () => this.#appended.set());
    try {
      await client.connect();
      // A deletion that a crash of the database undoes is harmless: the rows are sent again.
      await client.query('set synchronous_commit = off');
      if (!(await this.#becomeActive(client, signal))) return;
      await client.query(`listen ${CHANNEL}`);
      for (let lastPoll = 0; !signal.aborted; ) {
        const begun = performance.now();
        const isPoll = begun - lastPoll >= POLL_MS;
        if (isPoll) lastPoll = begun;
        const rows = await this.#relayBatch(client, isPoll ? 0 : this.#newestSent - LATE_ROWS);
        onProgress();
        if (rows === MAX_ROWS) continue;
        await this.#appended.wait(POLL_MS, signal);
        const early = begun + PACE_MS - performance.now();
        if (early > 0) await pause(early, signal);
      }
      while ((await this.#relayBatch(client, this.#newestSent - LATE_ROWS)) === MAX_ROWS);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Waits for the lock, and meanwhile notifies the active relay of what this process commits. Returns whether it has the lock. */
  async #becomeActive(client: pg.Client, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [RELAY_LOCK]);
      if (rows[0]?.locked) {
        this.#log.info('relaying the outbox');
        return true;
      }
      if (await this.#appended.wait(POLL_MS, signal)) {
        await client.query(`notify ${CHANNEL}`);
        await pause(NOTIFY_PACE_MS, signal);
      }
    }
    return false;
  }

  /** Sends the rows after `id`, at most `MAX_ROWS`, and deletes them. Returns their number. */
  async #relayBatch(client: pg.Client, id: number): Promise<number> {
    const { rows } = await client.query<OutboxRow>({ ...HEAD, values: [id, MAX_ROWS] });
    if (rows.length === 0) return 0;
    const keepalive = setInterval(() => void client.query('select').catch(() => undefined), KEEPALIVE_MS);
    try {
      await this.#send(rows.flatMap(({ events }) => OutboxBatch.decode(events).events));
    } finally {
      clearInterval(keepalive);
    }
    await sent();
    await client.query({ ...DELETION, values: [rows.map((row) => row.id)] });
    this.#newestSent = Math.max(this.#newestSent, rows.at(-1)?.id ?? 0);
    return rows.length;
  }

  async #send(events: readonly OutboxEvent[]): Promise<void> {
    const records = events.map(toRecord);
    const spans = records.map((record, index) =>
      startSpan(`send ${record.topic}`, {
        kind: SpanKind.PRODUCER,
        attributes: attributesOf(record, events[index]?.id ?? ''),
        parent: contextFrom(events[index]?.trace ?? {}),
      }),
    );
    try {
      await this.#publisher.send(
        records.map((record, index) => ({ ...record, headers: { ...record.headers, ...traceHeaders(spans[index]) } })),
      );
    } finally {
      for (const span of spans) span.end();
    }
  }
}

function attributesOf({ topic, key }: OutgoingRecord, id: string): Attributes {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'send',
    'messaging.destination.name': topic,
    'messaging.kafka.message.key': String(key),
    'messaging.message.id': id,
  };
}

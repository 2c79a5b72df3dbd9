import { markAppended, type Tx } from './database.ts';
import { newId } from './ids.ts';
import { traceHeaders } from './telemetry.ts';

/** An event message as ts-proto generates it; `$type` is its full name. */
export interface EventType<T> {
  readonly $type: string;
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/** What is known of an event besides its content. */
export interface Envelope {
  /** The event's id, the same at every delivery. */
  readonly id: string;
  /** The full name of its message. */
  readonly type: string;
  /** The aggregate that it is about; events of one key arrive in order. */
  readonly key: string;
  /** When it happened, as its producer says. */
  readonly time: Date;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a consumer does with one type of event. */
export interface EventHandler {
  /** The full name of the message. */
  readonly type: string;
  /** Decodes the content, and returns what applies it. Throws what the decoder throws. */
  readonly prepare: (value: Uint8Array) => (tx: Tx, envelope: Envelope) => Promise<void>;
}

/** An event that can never be applied. A handler throws it to have the event put aside as a dead letter. */
export class PoisonEvent extends Error {
  override readonly name = 'PoisonEvent';
}

/**
 * Handles one type of event. The handler's effects in `tx` are kept together with the fact that the event was applied, so that it is
 * applied once; a consumer without a database gets a `tx` that refuses, and its handlers are idempotent themselves.
 */
export function on<T>(type: EventType<T>, handle: (event: T, tx: Tx, envelope: Envelope) => Promise<void>): EventHandler {
  return {
    type: type.$type,
    prepare(value) {
      const event = type.decode(value);
      return (tx, envelope) => handle(event, tx, envelope);
    },
  };
}

/** An event to append, of any type; made by `event`. */
export interface NewEvent {
  readonly type: string;
  readonly key: string;
  readonly value: Uint8Array;
}

/** Pairs an event with its type and key, for `appendEvents`. */
export function event<T>(type: EventType<T>, key: string, content: NoInfer<T>): NewEvent {
  return { type: type.$type, key, value: type.encode(content).finish() };
}

/**
 * Appends an event to the outbox, so that it is sent if and only if the transaction commits. Its topic is the proto package of its type;
 * events of one key keep their order.
 */
export async function appendEvent<T>(tx: Tx, type: EventType<T>, key: string, content: NoInfer<T>): Promise<void> {
  await appendEvents(tx, [event(type, key, content)]);
}

/** Appends several events, in their order, in one statement. */
export async function appendEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(outboxRow);
  await tx.query(
    `insert into outbox (topic, key, headers, value)
     select topic, key, headers::jsonb, value
     from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) with ordinality as row (topic, key, headers, value, position)
     order by position`,
    [
      rows.map(({ topic }) => topic),
      rows.map(({ key }) => key),
      rows.map(({ headers }) => JSON.stringify(headers)),
      rows.map(({ value }) => value),
    ],
  );
  markAppended(tx);
}

/** The topic of a message: its proto package. */
export function topicOf(type: string): string {
  return type.slice(0, type.lastIndexOf('.'));
}

/** CloudEvents 1.0, Kafka binary mode, with the trace of the caller at this moment. */
function outboxRow({ type, key, value }: NewEvent) {
  const topic = topicOf(type);
  const headers = {
    'content-type': 'application/protobuf',
    ce_specversion: '1.0',
    ce_id: newId(),
    ce_source: `/${topic}`,
    ce_type: type,
    ce_time: new Date().toISOString(),
    ce_subject: key,
    ce_dataschema: `urn:protobuf:${type}`,
    ...traceHeaders(),
  };
  return { topic, key, headers, value: Buffer.from(value) };
}

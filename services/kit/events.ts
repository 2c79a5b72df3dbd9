import type { OutgoingEvent, Tx } from './database.ts';
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

/**
 * Appends an event to the outbox, so that it is sent if and only if the transaction commits. Its topic is the proto package of its type;
 * events of one key keep their order.
 */
export function appendEvent<T>(tx: Tx, type: EventType<T>, key: string, content: NoInfer<T>): void {
  tx.append([outgoing(type.$type, key, type.encode(content).finish())]);
}

/** The topic of a message: its proto package. */
export function topicOf(type: string): string {
  return type.slice(0, type.lastIndexOf('.'));
}

/** CloudEvents 1.0, Kafka binary mode, with the trace of the caller at this moment. */
function outgoing(type: string, key: string, value: Uint8Array): OutgoingEvent {
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
  return { topic, key, headers, value };
}

import type { OutgoingEvent, Tx } from './database.ts';
import { newId } from './ids.ts';
import { inContextFrom, traceHeaders } from './telemetry.ts';

/** An event message as ts-proto generates it; `$type` is its full name. */
export interface EventType<T> {
  readonly $type: string;
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/** The attributes of an event besides its content. */
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
  /** Headers with the event's W3C trace context, for `inTraceOf`. */
  readonly trace: Readonly<Record<string, string>>;
}

/** Handles the events of one type. */
export interface EventHandler {
  /** The full name of the message. */
  readonly type: string;
  /** Decodes the content. Throws what the decoder throws. */
  readonly decode: (value: Uint8Array) => unknown;
  /** Applies what `decode` returned for several events, in order. */
  readonly apply: (events: readonly unknown[], tx: Tx, envelopes: readonly Envelope[]) => Promise<void>;
}

/** An event that can never be applied. A handler throws it to dead-letter the event. */
export class PoisonEvent extends Error {
  override readonly name = 'PoisonEvent';
}

/**
 * Handles events of one type, those that arrived together in one call; `envelopes[i]` belongs to `events[i]`. A call has at most 500
 * events in the order of each key, and a key may occur several times.
 *
 * Events are delivered at least once, so the handler must be idempotent, by a rule (version, state) or by a key. Its statements in `tx`
 * commit together with those of the other handlers that share the batch. A consumer without a database passes a `tx` that refuses
 * statements. If the batch fails permanently it is rolled back, and each event is applied by a call of its own.
 *
 * No trace is active during the call: append follow-up events inside `inTraceOf`.
 */
export function onBatch<T>(
  type: EventType<T>,
  handle: (events: readonly T[], tx: Tx, envelopes: readonly Envelope[]) => Promise<void>,
): EventHandler {
  return {
    type: type.$type,
    decode: (value) => type.decode(value),
    // `events` were decoded by this very handler.
    apply: (events, tx, envelopes) => handle(events as readonly T[], tx, envelopes),
  };
}

/** Handles events of one type one after the other, each in its own trace. Otherwise like `onBatch`, which costs less. */
export function on<T>(type: EventType<T>, handle: (event: T, tx: Tx, envelope: Envelope) => Promise<void>): EventHandler {
  return onBatch(type, async (events, tx, envelopes) => {
    for (const [index, envelope] of envelopes.entries()) {
      const event = events[index];
      if (event !== undefined) await inTraceOf(envelope, () => handle(event, tx, envelope));
    }
  });
}

/** Runs work in the trace of an event: events that the work appends continue that trace. */
export function inTraceOf<R>({ trace }: Envelope, work: () => R): R {
  return inContextFrom(trace, work);
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

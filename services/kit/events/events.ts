import type { OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import type { Tx } from '../postgres/database.ts';
import { newId } from '../runtime/ids.ts';
import { inContextFrom, traceHeaders } from '../runtime/telemetry.ts';
import type { EventType } from './event-type.ts';
import type { OutgoingRecord } from './kafka.ts';
import { topicOf } from './topics.ts';

export type { EventType } from './event-type.ts';

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

/** Handles the events of one type. Handlers with the same `apply` share its calls. */
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
  // One handler per type.
  return onBatchOf([type], handle)[0] as EventHandler;
}

/**
 * Handles events of several types in common calls, otherwise like `onBatch`: `envelopes[i].type` names the type of an event. Use it
 * where all events of a transaction must lock their rows in one order.
 */
export function onBatchOf<T>(
  types: readonly Pick<EventType<T>, '$type' | 'decode'>[],
  handle: (events: readonly T[], tx: Tx, envelopes: readonly Envelope[]) => Promise<void>,
): EventHandler[] {
  // `events` were decoded by these handlers.
  const apply: EventHandler['apply'] = (events, tx, envelopes) => handle(events as readonly T[], tx, envelopes);
  return types.map((type) => ({ type: type.$type, decode: (value) => type.decode(value), apply }));
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
export function inTraceOf<R>({ trace }: Pick<Envelope, 'trace'>, work: () => R): R {
  return inContextFrom(trace, work);
}

/**
 * Appends an event to the outbox, so that it is sent if and only if the transaction commits. Events of one key keep their
 * order. The event continues the active trace.
 */
export function appendEvent<T>(tx: Tx, type: EventType<T>, key: string, content: NoInfer<T>): void {
  tx.append([outgoingEvent(type, key, content)]);
}

/** Encodes an event for the outbox. The event continues the active trace. */
export function outgoingEvent<T>(type: EventType<T>, key: string, content: NoInfer<T>): OutboxEvent {
  const value = type.encode(content).finish();
  return { type: type.$type, key, id: newId(), time: new Date(), trace: traceHeaders(), value: Buffer.from(value) };
}

/** Returns the Kafka record of an event: CloudEvents 1.0, Kafka binary mode. */
export function toRecord({ type, key, id, time, trace, value }: OutboxEvent): OutgoingRecord {
  const source = type.slice(0, type.lastIndexOf('.'));
  const attributes = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: `/${source}`,
    ce_type: type,
    ce_time: time?.toISOString() ?? '',
  };
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return { topic: topicOf(type), key, value: bytes, headers: { ...attributes, ...trace } };
}

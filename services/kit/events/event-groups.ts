import { SpanStatusCode } from '@opentelemetry/api';
import type { Tx } from '../postgres/database.ts';
import { reasonOf } from '../runtime/log.ts';
import { contextFrom, isRecording, type Span, SpanKind, startSpan, traceHeaders } from '../runtime/telemetry.ts';
import type { Delivery } from './deliveries.ts';
import type { Envelope, EventHandler } from './events.ts';

/** Events of one handler, applied by one call. */
interface Group {
  readonly handler: EventHandler;
  readonly deliveries: Delivery[];
}

/**
 * Groups deliveries by handler so that each key keeps its order: groups returned one after the other contain all deliveries, and a key
 * whose next event has another type starts new groups.
 */
export function groupsOf(deliveries: readonly Delivery[]): Group[] {
  const groups: Group[] = [];
  let open = new Map<EventHandler['apply'], Group>();
  let handlerOfKey = new Map<string, EventHandler['apply']>();
  for (const delivery of deliveries) {
    const { handler, envelope } = delivery;
    const { apply } = handler;
    if ((handlerOfKey.get(envelope.key) ?? apply) !== apply) {
      open = new Map();
      handlerOfKey = new Map();
    }
    handlerOfKey.set(envelope.key, apply);
    const group = open.get(apply);
    if (group !== undefined) group.deliveries.push(delivery);
    else {
      const added = { handler, deliveries: [delivery] };
      open.set(apply, added);
      groups.push(added);
    }
  }
  return groups;
}

/** Applies deliveries by one call per group. `consumerGroup`: named in the spans. */
export async function applyInGroups(deliveries: readonly Delivery[], tx: Tx, consumerGroup: string): Promise<void> {
  for (const group of groupsOf(deliveries)) {
    if (isRecording()) await applyInSpans(group, tx, consumerGroup);
    else
      await apply(
        group,
        tx,
        group.deliveries.map(({ envelope }) => envelope),
      );
  }
}

async function apply({ handler, deliveries }: Group, tx: Tx, envelopes: readonly Envelope[]): Promise<void> {
  await handler.apply(
    deliveries.map(({ event }) => event),
    tx,
    envelopes,
  );
}

/** Applies a group with one span per event, each in the trace of its event. */
async function applyInSpans(group: Group, tx: Tx, consumerGroup: string): Promise<void> {
  const spans = group.deliveries.map(({ envelope }) => processSpan(envelope, consumerGroup));
  const envelopes = group.deliveries.map(({ envelope }, index) => ({ ...envelope, trace: traceHeaders(spans[index]) }));
  try {
    await apply(group, tx, envelopes);
  } catch (error) {
    for (const span of spans) span.setStatus({ code: SpanStatusCode.ERROR, message: reasonOf(error) });
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

function processSpan(envelope: Envelope, consumerGroup: string): Span {
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.destination.name': envelope.topic,
    'messaging.destination.partition.id': String(envelope.partition),
    'messaging.consumer.group.name': consumerGroup,
    'messaging.kafka.message.key': envelope.key,
    'messaging.kafka.offset': Number(envelope.offset),
    'messaging.message.id': envelope.id,
  };
  return startSpan(`process ${envelope.topic}`, { kind: SpanKind.CONSUMER, attributes, parent: contextFrom(envelope.trace) });
}

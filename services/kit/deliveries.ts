import { status } from '@grpc/grpc-js';
import type { IncomingRecord } from './dead-letters.ts';
import { RpcError } from './errors.ts';
import { type Envelope, type EventHandler, PoisonEvent } from './events.ts';
import { isId } from './ids.ts';
import { reasonOf } from './log.ts';
import { lostRace, lostStore } from './lost-store.ts';

/** An event to apply: the record, its attributes, and its decoded content with the handler that decoded it. */
export interface Delivery {
  readonly record: IncomingRecord;
  readonly envelope: Envelope;
  readonly handler: EventHandler;
  readonly event: unknown;
}

/** Records sorted: deliveries to apply in order, and dead records with a reason. Records of types without a handler are in neither. */
export interface Plan {
  readonly deliveries: readonly Delivery[];
  readonly dead: readonly { readonly record: IncomingRecord; readonly reason: string }[];
}

/** Sorts records into those that can be applied and those that never can. */
export function plan(records: readonly IncomingRecord[], handlers: ReadonlyMap<string, EventHandler>): Plan {
  const deliveries: Delivery[] = [];
  const dead: { record: IncomingRecord; reason: string }[] = [];
  for (const record of records) {
    try {
      const delivery = read(record, handlers);
      if (delivery !== undefined) deliveries.push(delivery);
    } catch (error) {
      dead.push({ record, reason: reasonOf(error) });
    }
  }
  return { deliveries, dead };
}

/** Whether an event failed for good: doing it again, later, would fail the same way. */
export function isPermanent(error: unknown): boolean {
  if (error instanceof RpcError) return !TRANSIENT_CODES.has(error.code);
  return !lostStore(error) && !lostRace(error);
}

const TRANSIENT_CODES: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
  status.ABORTED,
  status.RESOURCE_EXHAUSTED,
]);

function read(record: IncomingRecord, handlers: ReadonlyMap<string, EventHandler>): Delivery | undefined {
  const { headers, topic, partition, offset } = record;
  const id = headers.ce_id;
  const type = headers.ce_type;
  if (id === undefined || type === undefined) throw new PoisonEvent('the record has no ce_id and ce_type headers, so it is no event');
  const handler = handlers.get(type);
  if (handler === undefined) return undefined;
  if (!isId(id)) throw new PoisonEvent('the ce_id is not a UUID');
  const time = new Date(headers.ce_time ?? '');
  if (Number.isNaN(time.getTime())) throw new PoisonEvent('the ce_time is not a time');
  if (record.value === null) throw new PoisonEvent('the record has no value');
  const envelope = {
    id,
    type,
    key: record.key?.toString() ?? '',
    time,
    topic,
    partition,
    offset,
    trace: headers,
  };
  return { record, envelope, handler, event: handler.decode(record.value) };
}

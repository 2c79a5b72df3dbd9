import { status } from '@grpc/grpc-js';
import { RpcError } from '../rpc/errors.ts';
import { isId } from '../runtime/ids.ts';
import type { IncomingRecord } from './dead-letters.ts';
import { type Envelope, type EventHandler, PoisonEvent } from './events.ts';
import { isStoreBusy, isStoreUnavailable } from './transient-errors.ts';

/** An event to apply: the record, its attributes, and its decoded content with the handler that decoded it. */
export interface Delivery {
  readonly record: IncomingRecord;
  readonly envelope: Envelope;
  readonly handler: EventHandler;
  readonly event: unknown;
}

/** The deliveries among records, in order: records of types without a handler are left out. Throws for a record that is no valid event. */
export function deliveriesOf(records: readonly IncomingRecord[], handlers: ReadonlyMap<string, EventHandler>): Delivery[] {
  return records.flatMap((record) => read(record, handlers) ?? []);
}

/** Whether an event failed permanently: a retry would fail the same way. */
export function isPermanent(error: unknown): boolean {
  if (error instanceof RpcError) return !TRANSIENT_CODES.has(error.code);
  return !isStoreUnavailable(error) && !isStoreBusy(error);
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
  const event = handler.decode(record.value);
  // PostgreSQL would refuse it, MongoDB would not.
  if (hasNul(event)) throw new PoisonEvent('a text contains U+0000');
  return { record, envelope, handler, event };
}

/** Whether a text in a decoded message contains U+0000. */
function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  return Object.values(value).some(hasNul);
}

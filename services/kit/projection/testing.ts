import type { Envelope, EventType } from '../events/events.ts';
import { newId } from '../runtime/ids.ts';
import { onEvent, type ProjectionSpec, type Row } from './spec.ts';

/** Statuses of the projection of the tests. */
export const STATUS = { OPEN: 1, CHARGED: 2, CLOSED: 3, REFUNDED: 4 } as const;

type Status = (typeof STATUS)[keyof typeof STATUS];

function eventType<T>($type: string): EventType<T> {
  return {
    $type,
    encode: (message) => ({ finish: () => Buffer.from(JSON.stringify(message)) }),
    // The tests decode what they encoded.
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as T,
  };
}

interface Versioned {
  readonly itemId: string;
  readonly version: number;
}

export const Opened = eventType<Versioned & { owner: string; ownerId: string }>('test.front.v1.Opened');
export const Closed = eventType<Versioned>('test.front.v1.Closed');
export const Charged = eventType<Versioned & { usageId: string }>('test.ledger.v1.Charged');
export const Refused = eventType<{ itemId: string; reason: string }>('test.ledger.v1.Refused');
export const Refunded = eventType<Versioned>('test.ledger.v1.Refunded');
/** Names its item by the usage, which only Charged connects with the item. */
export const Used = eventType<{ usageId: string; place: string; version: number }>('test.usage.v1.Used');

export interface ItemShape {
  readonly key: 'itemId';
  readonly details: { owner: string; usageId: string; reason: string; place: string };
  readonly status: Status;
  readonly view: Row<ItemShape>;
}

/** A projection that uses every feature. */
export const items: ProjectionSpec<ItemShape> = {
  collection: 'items',
  key: 'itemId',
  unknownReason: 'ITEM_NOT_FOUND',
  filters: ['owner', 'status'],
  history: true,
  events: [
    onEvent(Opened, { source: 'front', status: STATUS.OPEN, set: ['owner'], uuids: ['ownerId'] }),
    onEvent(Refused, { source: 'ledger', latest: ['reason'], version: (_, { time }) => time.getTime() }),
    onEvent(Charged, { source: 'ledger', status: STATUS.CHARGED, latest: ['usageId'], links: ({ usageId }) => usageId }),
    onEvent(Used, { source: 'usage', set: ['place'], alias: ({ usageId }) => usageId }),
    onEvent(Closed, { source: 'front', status: STATUS.CLOSED }),
    onEvent(Refunded, { source: 'ledger', status: STATUS.REFUNDED }),
  ],
  toView: (row) => row,
};

/** An event as a consumer gets it. */
export interface Delivered {
  readonly event: unknown;
  readonly envelope: Envelope;
}

/** Returns an event that happened so many milliseconds after 1970. */
export function delivered<T>(type: EventType<T>, event: T, time = 0): Delivered {
  const envelope = { id: newId(), type: type.$type, key: '', time: new Date(time), topic: '', partition: 0, offset: '0', trace: {} };
  return { event, envelope };
}

/** Returns the events of an item that was opened, charged, used, closed and refunded. */
export function lifeOf(itemId: string, usageId = newId()): Delivered[] {
  return [
    delivered(Opened, { itemId, version: 1, owner: 'frequent', ownerId: newId() }, 1000),
    delivered(Charged, { itemId, version: 1, usageId }, 2000),
    delivered(Used, { usageId, version: 1, place: 'here' }, 2500),
    delivered(Closed, { itemId, version: 2 }, 3000),
    delivered(Refunded, { itemId, version: 2 }, 4000),
  ];
}

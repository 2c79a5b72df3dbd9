import type { EventType } from '../events/events.ts';
import { applyRules, type Change } from '../postgres/changes.ts';
import { enumOf, integer, type Row, table, text, uuid } from '../postgres/table.ts';
import { derivedId } from '../runtime/ids.ts';
import type { GuardedEntities } from './caller.ts';

/** A message of the tests. Its bytes are JSON. */
export function jsonEvent<T>(name: string): EventType<T> {
  return {
    $type: `test.v1.${name}`,
    encode: (message) => ({ finish: () => Buffer.from(JSON.stringify(message)) }),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
  };
}

/** Asks for the release of an order's effect. */
export interface OrderReleased {
  readonly orderId: string;
  readonly amount: number;
}

export const OrderPlaced = jsonEvent<{ readonly orderId: string }>('OrderPlaced');
export const OrderReleased = jsonEvent<OrderReleased>('OrderReleased');

/** The caller's entities in the tests. */
export const orders = table('orders', {
  namespace: 'test.order',
  id: 'orderId',
  columns: { orderId: uuid, userId: text, amount: integer, note: text, status: enumOf({ UNSPECIFIED: 0, PLACED: 1, REJECTED: 2 }) },
  mutable: ['status'],
  events: { OrderPlaced, OrderReleased },
});

type Order = Row<typeof orders>;

/** Keeps orders and appended events in memory. Of two orders with one id the first stands, as in PostgreSQL. */
export class OrdersInMemory implements GuardedEntities<typeof orders> {
  readonly table = orders;
  readonly stored = new Map<string, Order>();
  /** The releases that were asked for, in this order. */
  readonly releases: OrderReleased[] = [];
  lookups = 0;

  idFrom(...parts: string[]): string {
    return derivedId(orders.namespace, ...parts);
  }

  async findAll(ids: readonly string[]): Promise<Order[]> {
    this.lookups++;
    return ids.flatMap((id) => this.stored.get(id) ?? []);
  }

  add: GuardedEntities<typeof orders>['add'] = async (id, outcome) => {
    this.change({ id, rule: (row) => (row === undefined ? outcome : undefined) });
    // It was there or was added.
    return this.stored.get(id) as Order;
  };

  change(change: Change<typeof orders>): void {
    const { now, events } = applyRules(orders, [{ ...change, trace: {} }], this.stored);
    for (const [id, order] of now) this.stored.set(id, order);
    for (const { type, value } of events) if (type === OrderReleased.$type) this.releases.push(OrderReleased.decode(value));
  }

  /** Returns the ids of the orders with a status. */
  idsOf(status: Order['status']): string[] {
    return [...this.stored.values()].filter((order) => order.status === status).map(({ orderId }) => orderId);
  }
}

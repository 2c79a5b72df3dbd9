import type { EventType } from '../events/events.ts';
import type { Change } from '../postgres/changes.ts';
import { Store } from '../postgres/store.ts';
import { enumOf, integer, type Row, table, text, uuid } from '../postgres/table.ts';
import { MemoryDatabase } from '../testing/memory-database.ts';

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

/** Orders in memory. */
export class OrdersInMemory extends Store<typeof orders> {
  readonly #memory: MemoryDatabase;
  lookups = 0;

  constructor() {
    const memory = new MemoryDatabase([orders]);
    super(memory, orders);
    this.#memory = memory;
  }

  /** The releases that were asked for, in this order. */
  get releases(): OrderReleased[] {
    return this.#memory.eventsOf(OrderReleased);
  }

  override async findAll(ids: readonly string[]): Promise<Order[]> {
    this.lookups++;
    return await super.findAll(ids);
  }

  async apply(change: Change<typeof orders>): Promise<void> {
    await this.database.transaction((tx) => this.changeAll([{ ...change, trace: {} }], tx));
  }

  /** Returns the ids of the orders, or of those with a status. */
  async idsOf(status?: Order['status']): Promise<string[]> {
    const { rows } = await this.#memory.page(orders, { filters: {}, after: undefined, limit: 1000 });
    return rows.filter((order) => status === undefined || order.status === status).map(({ orderId }) => orderId);
  }
}

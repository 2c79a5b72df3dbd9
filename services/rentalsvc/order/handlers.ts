import type { EventHandler } from '#kit/events/events.ts';
import type { Store } from '#kit/postgres/store.ts';
import { InventoryStockShortage, StockTaken } from '#proto/rentalsvc/inventory/v1/events.ts';
import { settle } from './domain.ts';
import type { orderTable } from './store.ts';

/** Event handlers of the order service. */
export function orderHandlers(orders: Store<typeof orderTable>): EventHandler[] {
  return [
    orders.on(StockTaken, ({ orderId }) => ({ id: orderId, rule: (order) => settle(order, 'CONFIRMED') })),
    orders.on(InventoryStockShortage, ({ orderId }) => ({ id: orderId, rule: (order) => settle(order, 'SHORT') })),
  ];
}

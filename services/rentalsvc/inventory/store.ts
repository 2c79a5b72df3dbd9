import { enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { InventoryStockShortage, StockTaken } from '#proto/rentalsvc/inventory/v1/events.ts';

/** Products and their stock. */
export const productTable = table('inventories', {
  namespace: 'rentalsvc.inventory',
  id: 'productId',
  columns: { productId: text, productName: text, qty: integer, initialQty: integer },
  mutable: ['qty'],
  events: {},
});

/** The statuses of allocations. No contract has them. */
const ALLOCATION_STATUS = { UNSPECIFIED: 0, TAKEN: 1, SHORT: 2, RETURNED: 3 } as const;

/** What was decided about the stock of each order. */
export const allocationTable = table('allocations', {
  namespace: 'rentalsvc.inventory.allocation',
  id: 'orderId',
  columns: { orderId: uuid, productId: text, qty: integer, status: enumOf(ALLOCATION_STATUS) },
  mutable: ['status'],
  events: { StockTaken, InventoryStockShortage },
});

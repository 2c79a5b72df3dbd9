import { enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { RentalCancelled, RentalRequested } from '#proto/rentalsvc/order/v1/events.ts';
import { Order_Status } from '#proto/rentalsvc/order/v1/order.ts';

/** Orders. */
export const orderTable = table('orders', {
  namespace: 'rentalsvc.order',
  id: 'orderId',
  columns: { orderId: uuid, userId: text, productId: text, qty: integer, amount: integer, status: enumOf(Order_Status) },
  mutable: ['status'],
  events: { RentalRequested, RentalCancelled },
});

import { enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import {
  OrderCancelled,
  OrderCancelRequested,
  OrderCompleted,
  OrderPlaced,
  PaymentReleaseRequested,
} from '#proto/starcoffee/order/v1/events.ts';
import { Order_Status } from '#proto/starcoffee/order/v1/order.ts';

/** Orders. */
export const orderTable = table('orders', {
  namespace: 'starcoffee.order',
  id: 'orderId',
  columns: { orderId: uuid, userId: text, menuId: text, price: integer, status: enumOf(Order_Status) },
  mutable: ['status'],
  events: { OrderPlaced, OrderCancelRequested, OrderCancelled, OrderCompleted, PaymentReleaseRequested },
});

import { enumOf, table, text, uuid } from '#kit/postgres/table.ts';
import { DeliveryStarted, RetrievalStarted } from '#proto/rentalsvc/logistics/v1/events.ts';
import { Delivery_Status } from '#proto/rentalsvc/logistics/v1/logistics.ts';

/** Deliveries. */
export const deliveryTable = table('deliveries', {
  namespace: 'rentalsvc.logistics',
  id: 'deliveryId',
  columns: { deliveryId: uuid, orderId: uuid, userId: text, status: enumOf(Delivery_Status) },
  mutable: ['status'],
  events: { DeliveryStarted, RetrievalStarted },
});

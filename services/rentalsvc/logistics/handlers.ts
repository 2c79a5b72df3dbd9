import type { EventHandler } from '#kit/events/events.ts';
import type { Store } from '#kit/postgres/store.ts';
import { FeeReceived, FeeRefunded } from '#proto/rentalsvc/billing/v1/events.ts';
import { retrieve, start } from './domain.ts';
import type { deliveryTable } from './store.ts';

/** Event handlers of the logistics service. An order has one delivery, so the delivery's id follows from the order's. */
export function deliveryHandlers(deliveries: Store<typeof deliveryTable>): EventHandler[] {
  return [
    deliveries.on(FeeReceived, (paid) => {
      const id = deliveries.idFrom(paid.orderId);
      return { id, rule: (delivery) => start(delivery, paid, id), isNew: true };
    }),
    deliveries.on(FeeRefunded, (paid) => {
      const id = deliveries.idFrom(paid.orderId);
      return { id, rule: (delivery) => retrieve(delivery, paid, id) };
    }),
  ];
}

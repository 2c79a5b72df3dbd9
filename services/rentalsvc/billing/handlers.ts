import type { EventHandler } from '#kit/events/events.ts';
import type { Change } from '#kit/postgres/changes.ts';
import type { Store } from '#kit/postgres/store.ts';
import { InventoryStockShortage } from '#proto/rentalsvc/inventory/v1/events.ts';
import { RentalCancelled, RentalRequested } from '#proto/rentalsvc/order/v1/events.ts';
import { type Charge, receive, refund } from './domain.ts';
import type { billTable } from './store.ts';

/** Event handlers of the billing service. An order has one bill, so the bill's id follows from the order's. */
export function billHandlers(bills: Store<typeof billTable>): EventHandler[] {
  const refunding = (charge: Charge): Change<typeof billTable> => {
    const id = bills.idFrom(charge.orderId);
    return { id, rule: (bill) => refund(bill, charge, id) };
  };
  return [
    bills.on(RentalRequested, (charge) => {
      const id = bills.idFrom(charge.orderId);
      return { id, rule: (bill) => receive(bill, charge, id), isNew: true };
    }),
    bills.on(RentalCancelled, refunding),
    bills.on(InventoryStockShortage, refunding),
  ];
}

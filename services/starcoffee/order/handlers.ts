import type { EventHandler } from '#kit/events/events.ts';
import type { Store } from '#kit/postgres/store.ts';
import { CoffeeMade } from '#proto/starcoffee/make/v1/events.ts';
import { PaymentCancelled, PaymentsUnconfirmed } from '#proto/starcoffee/payment/v1/events.ts';
import { complete, refund } from './domain.ts';
import type { Placing } from './place.ts';
import type { orderTable } from './store.ts';

/** Event handlers of the order service. */
export function orderHandlers(orders: Store<typeof orderTable>, placing: Placing): EventHandler[] {
  return [
    orders.on(CoffeeMade, (made) => ({ id: made.orderId, rule: (order) => complete(order, made) })),
    orders.on(PaymentCancelled, (refunded) => ({ id: refunded.orderId, rule: (order) => refund(order, refunded) })),
    orders.on(PaymentsUnconfirmed, ({ orderIds }) => orderIds.map((orderId) => placing.releaseUnclaimed({ orderId }))),
  ];
}

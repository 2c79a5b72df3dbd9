import type { EventHandler } from '#kit/events/events.ts';
import type { JobHandler } from '#kit/jobs/jobs.ts';
import type { Store } from '#kit/postgres/store.ts';
import { OrderCancelRequested } from '#proto/starcoffee/order/v1/events.ts';
import { PaymentApproved, PaymentCancelled } from '#proto/starcoffee/payment/v1/events.ts';
import { cancel, FINISH, finish, type OrderDetails, start } from './domain.ts';
import type { makeTable } from './store.ts';

type Makes = Store<typeof makeTable>;

/**
 * Event handlers of the make service. An order has one make, so the make's id follows from the order's. `makeMs`: how long a
 * coffee takes, in milliseconds.
 */
export function makeHandlers(makes: Makes, makeMs: number): EventHandler[] {
  const cancelling = (order: OrderDetails) => {
    const id = makes.idFrom(order.orderId);
    return { id, rule: (make: Parameters<typeof cancel>[0]) => cancel(make, order, id) };
  };
  return [
    makes.on(PaymentApproved, (order) => {
      const id = makes.idFrom(order.orderId);
      return { id, rule: (make) => start(make, order, id, makeMs), isNew: true };
    }),
    makes.on(OrderCancelRequested, cancelling),
    makes.on(PaymentCancelled, cancelling),
  ];
}

/** Job handlers of the make service. */
export function makeJobs(makes: Makes): JobHandler[] {
  return [makes.onJob(FINISH, ({ key }) => ({ id: key, rule: finish }))];
}

import type { Store } from '#kit/postgres/store.ts';
import { toWire } from '#kit/postgres/table.ts';
import { change, get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { OrderServiceService } from '#proto/rentalsvc/order/v1/order.ts';
import { cancel } from './domain.ts';
import type { Requesting } from './request.ts';
import { orderTable } from './store.ts';

/** Answers the calls of rentalsvc.order.v1.OrderService. */
export function orderService(orders: Store<typeof orderTable>, requesting: Requesting): Handlers<typeof OrderServiceService> {
  return {
    requestRental: async (request, context) => ({ order: toWire(orderTable, await requesting.run(request, context)) }),
    getOrder: async ({ orderId }, context) => ({ order: await get(orders, orderId, context) }),
    listOrders: (request, context) => list(orders, request, context),
    cancelRental: async ({ orderId }) => ({
      order: await change(orders, orderId, cancel, { NOT_CANCELLABLE: 'was cancelled by a shortage' }),
    }),
  };
}

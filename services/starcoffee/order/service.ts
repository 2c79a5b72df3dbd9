import type { Store } from '#kit/postgres/store.ts';
import { toWire } from '#kit/postgres/table.ts';
import { change, get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { OrderServiceService } from '#proto/starcoffee/order/v1/order.ts';
import { cancel } from './domain.ts';
import type { Placing } from './place.ts';
import { orderTable } from './store.ts';

/** Answers the calls of starcoffee.order.v1.OrderService. */
export function orderService(orders: Store<typeof orderTable>, placing: Placing): Handlers<typeof OrderServiceService> {
  return {
    placeOrder: async (request, context) => ({ order: toWire(orderTable, await placing.run(request, context)) }),
    getOrder: async ({ orderId }, context) => ({ order: await get(orders, orderId, context) }),
    listOrders: (request, context) => list(orders, request, context),
    cancelOrder: async ({ orderId }) => ({
      order: await change(orders, orderId, cancel, { NOT_CANCELLABLE: 'is completed or was rejected' }),
    }),
  };
}

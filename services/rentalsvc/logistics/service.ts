import type { Store } from '#kit/postgres/store.ts';
import { get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { LogisticsServiceService } from '#proto/rentalsvc/logistics/v1/logistics.ts';
import type { deliveryTable } from './store.ts';

/** Answers the calls of rentalsvc.logistics.v1.LogisticsService. */
export function logisticsService(deliveries: Store<typeof deliveryTable>): Handlers<typeof LogisticsServiceService> {
  return {
    getDelivery: async ({ deliveryId }, context) => ({ delivery: await get(deliveries, deliveryId, context) }),
    listDeliveries: (request, context) => list(deliveries, request, context),
  };
}

import { GuardedCall } from '#kit/guarded-call/caller.ts';
import type { Store } from '#kit/postgres/store.ts';
import type { Client } from '#kit/rpc/client.ts';
import type { InventoryServiceService } from '#proto/rentalsvc/inventory/v1/inventory.ts';
import { type RentalRequest, request } from './domain.ts';
import type { orderTable } from './store.ts';

/** Requesting a rental: inventory must know the product before the order is stored. */
export type Requesting = ReturnType<typeof requesting>;

/** Returns the guarded call that requests a rental. It only reads, so nothing is ever released. */
export function requesting(orders: Store<typeof orderTable>, inventory: Client<typeof InventoryServiceService>) {
  return new GuardedCall({
    entities: orders,
    call: (_orderId, { productId }: RentalRequest, context) => inventory.checkInventory({ productId }, context),
    accept: (orderId, rental) => request(orderId, rental),
    unavailable: { reason: 'INVENTORY_UNCHECKED', message: 'the inventory could not be checked; nothing was ordered, please try again' },
  });
}

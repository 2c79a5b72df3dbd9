import { randomUUID } from 'node:crypto';
import type { FollowedWork } from '../../../../dev/demos/blocks/stopped-service.ts';
import { storedCheck } from '../../../../dev/demos/blocks/stored.ts';
import type { MeshMethod } from '../../../../dev/demos/blocks/work.ts';
import type { DemoEnvironment } from '../../../../dev/demos/demo.ts';

/** The guarded call: order asks inventory whether the product exists. */
export const CHECK_INVENTORY: MeshMethod = {
  host: 'inventory.rentalsvc.svc.cluster.local',
  method: 'rentalsvc.inventory.v1.InventoryService/CheckInventory',
};

/** Stock of the product of a run: more than a run rents. */
const STOCK = 10_000;

interface View {
  readonly deliveryStarted: boolean;
}

/** Lets the users of one run rent a product that no other run has. */
export async function startRentals({ edge }: DemoEnvironment): Promise<FollowedWork> {
  const run = randomUUID();
  const [productId, userId] = [run.slice(0, 32), `demo-${run}`];
  await edge.ask('/rentalsvc/inventories', { productId, productName: 'DEMO', qty: STOCK });
  return {
    next: () => ({ path: '/rentalsvc/orders', body: { userId, productId, qty: 1, amount: 10 } }),
    countEffects: async () => {
      const views = await edge.list<View>('/rentalsvc/totalviews', { userId });
      return views.filter(({ deliveryStarted }) => deliveryStarted).length;
    },
    check: storedCheck({
      promise: 'each accepted order has its stock once, and nothing else is taken',
      successes: 'accepted',
      count: async () => ({
        CONFIRMED: await edge.count('/rentalsvc/orders', { productId, status: 'CONFIRMED' }),
        'taken from stock': STOCK - (await edge.ask<{ qty: number }>(`/rentalsvc/inventories/${productId}`)).qty,
      }),
    }),
  };
}

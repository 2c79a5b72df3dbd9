import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoWork, type MeshMethod, successes } from '../../../../dev/demos/blocks/work.ts';
import type { DemoEnvironment, Finding } from '../../../../dev/demos/demo.ts';
import type { EdgeClient } from '../../../../dev/demos/edge-client.ts';

/** The guarded call: order asks inventory whether the product exists. */
export const CHECK_INVENTORY: MeshMethod = {
  host: 'inventory.rentalsvc.svc.cluster.local',
  method: 'rentalsvc.inventory.v1.InventoryService/CheckInventory',
};
export const ORDER_HOST = 'order.rentalsvc.svc.cluster.local';

/** Stock of the product of a run: more than a run rents. */
const STOCK = 10_000;
/** Limit of the time in which events that are under way arrive, in milliseconds. */
const EVENT_LIMIT_MS = 10_000;
const POLL_MS = 100;
/** Largest page of a list. */
const PAGE_SIZE = '100';

/** Rentals of one product, which no other run has. */
export interface Rentals extends DemoWork {
  /** Counts the rentals in totalview whose delivery has started. Rejects while totalview is away. */
  readonly countShown: () => Promise<number>;
}

interface View {
  readonly deliveryStarted: boolean;
}

/** Returns rentals of a product for the users of one run. */
export async function startRentals({ edge }: DemoEnvironment): Promise<Rentals> {
  const run = randomUUID();
  const [productId, userId] = [run.slice(0, 32), `demo-${run}`];
  await edge.ask('/rentalsvc/inventories', { productId, productName: 'DEMO', qty: STOCK });
  return {
    next: () => ({ path: '/rentalsvc/orders', body: { userId, productId, qty: 1, amount: 10 } }),
    countShown: async () => {
      const views = await listAll<View>(edge, 'totalviews', 'totalViews', { userId });
      return views.filter(({ deliveryStarted }) => deliveryStarted).length;
    },
    check: async (record) => [await stockFinding(edge, productId, successes(record.answers))],
  };
}

/** Compares the answers with the confirmed orders and the stock, as soon as the events have arrived. */
async function stockFinding(edge: EdgeClient, productId: string, made: number): Promise<Finding> {
  const read = async () => ({
    confirmed: (await listAll(edge, 'orders', 'orders', { productId, status: 'CONFIRMED' })).length,
    taken: STOCK - (await edge.ask<{ qty: number }>(`/rentalsvc/inventories/${productId}`)).qty,
  });
  const agrees = ({ confirmed, taken }: { confirmed: number; taken: number }) => confirmed === made && taken === made;
  let found = await read();
  for (const limit = performance.now() + EVENT_LIMIT_MS; performance.now() < limit && !agrees(found); found = await read()) {
    await sleep(POLL_MS);
  }
  return {
    held: agrees(found),
    promise: 'each accepted order has its stock once, and nothing else is taken',
    seen: `${made} accepted, ${found.confirmed} CONFIRMED, ${found.taken} taken from stock`,
  };
}

/** Lists the entities of all pages. */
async function listAll<T>(edge: EdgeClient, path: string, member: string, filters: Readonly<Record<string, string>>): Promise<T[]> {
  const found: T[] = [];
  let pageToken = '';
  do {
    const query = new URLSearchParams({ ...filters, pageSize: PAGE_SIZE, pageToken });
    const page = await edge.ask<Readonly<Record<string, unknown>>>(`/rentalsvc/${path}?${query}`);
    // The contract of the path has these members.
    found.push(...(page[member] as T[]));
    pageToken = page.nextPageToken as string;
  } while (pageToken !== '');
  return found;
}

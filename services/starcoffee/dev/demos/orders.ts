import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoWork, type MeshMethod, successes } from '../../../../dev/demos/blocks/work.ts';
import type { DemoEnvironment, Finding } from '../../../../dev/demos/demo.ts';
import type { EdgeClient } from '../../../../dev/demos/edge-client.ts';

/** The guarded call: order asks payment for an approval. */
export const APPROVE_PAYMENT: MeshMethod = {
  host: 'payment.starcoffee.svc.cluster.local',
  method: 'starcoffee.payment.v1.PaymentService/ApprovePayment',
};
export const ORDER_HOST = 'order.starcoffee.svc.cluster.local';

/** Limit of the time in which coffees are made and events arrive, in milliseconds. */
const MADE_LIMIT_MS = 20_000;
const POLL_MS = 200;

/** Orders of one customer. */
export interface Orders extends DemoWork {
  readonly userId: string;
}

/** Lets the users of one run order coffee as one customer. */
export async function startOrders({ edge }: DemoEnvironment): Promise<Orders> {
  const userId = `demo-${randomUUID()}`;
  return {
    next: () => ({ path: '/starcoffee/orders', body: { userId, menuId: 'americano', price: 4500 } }),
    userId,
    check: async (record) => [await paidFinding(edge, userId, successes(record.answers))],
  };
}

/** Compares the payments that are kept with the orders that were made, as soon as the coffees are made. */
async function paidFinding(edge: EdgeClient, userId: string, made: number): Promise<Finding> {
  const shown = (status?: string) => edge.count('/starcoffee/mypages', { userId, ...(status && { status }) }, 'mypages');
  const read = async () => ({ all: await shown(), kept: await shown('MADE'), refunded: await shown('REFUNDED') });
  let counts = await read();
  const isSettled = () => counts.kept === made && counts.kept + counts.refunded === counts.all;
  for (const limit = performance.now() + MADE_LIMIT_MS; performance.now() < limit && !isSettled(); counts = await read())
    await sleep(POLL_MS);
  return {
    held: isSettled(),
    promise: 'each order is paid and made once, and every other payment is refunded',
    seen: `${made} ordered, ${counts.kept} paid and made, ${counts.refunded} refunded`,
  };
}

/** Counts the completed orders of a customer. Rejects while make is away. */
export async function countCompleted(edge: EdgeClient, userId: string): Promise<number> {
  await edge.ask('/starcoffee/makes?pageSize=1');
  return await edge.count('/starcoffee/orders', { userId, status: 'COMPLETED' }, 'orders');
}

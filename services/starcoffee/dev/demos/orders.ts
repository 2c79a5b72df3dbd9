import { randomUUID } from 'node:crypto';
import { successes } from '../../../../dev/demos/blocks/findings.ts';
import type { FollowedWork } from '../../../../dev/demos/blocks/stopped-service.ts';
import { settled } from '../../../../dev/demos/blocks/stored.ts';
import type { MeshMethod } from '../../../../dev/demos/blocks/work.ts';
import type { DemoEnvironment, Finding } from '../../../../dev/demos/demo.ts';
import type { EdgeClient } from '../../../../dev/demos/edge-client.ts';

/** The guarded call: order asks payment for an approval. */
export const APPROVE_PAYMENT: MeshMethod = {
  host: 'payment.starcoffee.svc.cluster.local',
  method: 'starcoffee.payment.v1.PaymentService/ApprovePayment',
};

/** Limit of the time in which coffees are made and events arrive, in milliseconds. */
const MADE_LIMIT_MS = 20_000;

/** Lets the users of one run order coffee as one customer. */
export async function startOrders({ edge }: DemoEnvironment): Promise<FollowedWork> {
  const userId = `demo-${randomUUID()}`;
  return {
    next: () => ({ path: '/starcoffee/orders', body: { userId, menuId: 'americano', price: 4500 } }),
    countEffects: async () => {
      // Rejects while make is away.
      await edge.ask('/starcoffee/makes?pageSize=1');
      return await edge.count('/starcoffee/orders', { userId, status: 'COMPLETED' });
    },
    check: async ({ answers }) => [await paidFinding(edge, userId, successes(answers))],
  };
}

/** Compares the payments that are kept with the orders that were made, as soon as the coffees are made. */
async function paidFinding(edge: EdgeClient, userId: string, made: number): Promise<Finding> {
  const shown = (status?: string) => edge.count('/starcoffee/mypages', { userId, ...(status && { status }) });
  const read = async () => ({ all: await shown(), kept: await shown('MADE'), refunded: await shown('REFUNDED') });
  const agree = ({ all, kept, refunded }: Awaited<ReturnType<typeof read>>) => kept === made && kept + refunded === all;
  const counts = await settled(read, agree, MADE_LIMIT_MS);
  return {
    held: agree(counts),
    promise: 'each order is paid and made once, and every other payment is refunded',
    seen: `${made} ordered, ${counts.kept} paid and made, ${counts.refunded} refunded`,
  };
}

import type { Invariant } from '../../../dev/systems/descriptor.ts';
import { differences, orderLines, readOrders } from './orders.ts';

/** Nobody pays for a coffee that is not made. */
export const invariant: Invariant = {
  condition:
    'Every approved payment has an order that is neither cancelled nor rejected, every completed order has one coffee made, and every cancelled order has its payment refunded.',
  // A process that died may have left a payment without an order, whose lease is 30 s.
  settleSeconds: 45,
  read: async (stores) => {
    const snapshot = await readOrders(stores);
    return {
      header: ['order', 'status', 'payment', 'make', 'mypage'],
      rows: orderLines(snapshot).map(({ orderId, order, payment, make, shown }) => [orderId, order, payment, make, shown]),
      violations: differences(snapshot),
    };
  },
};

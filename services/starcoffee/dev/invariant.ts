import { Mypage_Status } from '#proto/starcoffee/mypage/v1/mypage.ts';
import { type Agreement, agreementInvariant } from '../../../dev/checks/agreement.ts';

/** What the services have of one order. */
export const orders: Agreement = {
  system: 'starcoffee',
  id: 'order_id',
  tables: { order: 'orders', payment: 'payments', make: 'makes' },
  view: { service: 'mypage', collection: 'mypages', statuses: Mypage_Status },
  agreeing: {
    // A payment can also be refunded after the coffee is made.
    COMPLETED: { payment: ['APPROVED', 'CANCELLED'], make: ['MADE'], mypage: ['MADE', 'REFUNDED'] },
    CANCELLED: { payment: ['CANCELLED'], make: ['CANCELLED'], mypage: ['REFUNDED'] },
    // The payment may never have been approved, and a coffee may have been made before the refund.
    REJECTED: { payment: ['CANCELLED', '-'], make: ['CANCELLED', 'MADE', '-'], mypage: ['REFUNDED', '-'] },
  },
};

/** Nobody pays for a coffee that is not made. */
export const invariant = agreementInvariant(orders, {
  condition:
    'Every approved payment has an order that is neither cancelled nor rejected, every completed order has one coffee made, and every cancelled order has its payment refunded.',
  // A process that died may have left a payment without an order, whose lease is 30 s.
  settleSeconds: 45,
});

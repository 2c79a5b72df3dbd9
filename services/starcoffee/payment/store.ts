import { enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { PaymentApproved, PaymentCancelled } from '#proto/starcoffee/payment/v1/events.ts';
import { Payment_Status } from '#proto/starcoffee/payment/v1/payment.ts';

/** Payments. */
export const paymentTable = table('payments', {
  namespace: 'starcoffee.payment',
  id: 'paymentId',
  columns: { paymentId: uuid, orderId: uuid, userId: text, menuId: text, price: integer, status: enumOf(Payment_Status) },
  mutable: ['status'],
  events: { PaymentApproved, PaymentCancelled },
});

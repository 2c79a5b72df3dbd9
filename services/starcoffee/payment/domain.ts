import type { Decision } from '#kit/decision.ts';

/** An order to be paid. */
export interface PaidOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly menuId: string;
  /** In won. */
  readonly price: number;
}

/** The payment of one order. CANCELLED, refunded, is final. */
export interface Payment extends PaidOrder {
  readonly paymentId: string;
  readonly status: 'APPROVED' | 'CANCELLED';
}

type PaymentDecision<R extends string = never> = Decision<Payment, 'PaymentApproved' | 'PaymentCancelled', R>;

/** Approves the payment of an order, unless its price is over the limit in won. An existing payment stays as it is. */
export function approve(
  existing: Payment | undefined,
  { orderId, userId, menuId, price }: PaidOrder,
  paymentId: string,
  limit: number,
): PaymentDecision<'PAYMENT_DECLINED'> {
  if (existing !== undefined) return undefined;
  if (price > limit) return 'PAYMENT_DECLINED';
  return { state: { paymentId, orderId, userId, menuId, price, status: 'APPROVED' }, events: ['PaymentApproved'] };
}

/** Refunds a payment, once. */
export function refund(payment: Payment): Exclude<PaymentDecision, string> {
  return payment.status === 'APPROVED' ? { state: { ...payment, status: 'CANCELLED' }, events: ['PaymentCancelled'] } : undefined;
}

/** Whether a repeated request is about the order that was paid. */
export function isSame(payment: Payment, { userId, menuId, price }: PaidOrder): boolean {
  return payment.userId === userId && payment.menuId === menuId && payment.price === price;
}

import type { Decision } from '#kit/decision.ts';

/** A ticket to be paid. */
export interface PaidTicket {
  readonly reservationId: string;
  readonly userId: string;
  readonly cinemaNo: string;
  readonly time: string;
  /** In won. */
  readonly price: number;
}

/** The payment of one reservation. REFUNDED is final. */
export interface Payment extends PaidTicket {
  readonly paymentId: string;
  readonly status: 'COMPLETED' | 'REFUNDED';
}

type PaymentDecision<R extends string = never> = Decision<Payment, 'PaymentCompleted' | 'PaymentRefunded', R>;

/** Completes the payment of a ticket, unless its price is over the limit in won. An existing payment stays as it is. */
export function complete(
  existing: Payment | undefined,
  { reservationId, userId, cinemaNo, time, price }: PaidTicket,
  paymentId: string,
  limit: number,
): PaymentDecision<'PAYMENT_DECLINED'> {
  if (existing !== undefined) return undefined;
  if (price > limit) return 'PAYMENT_DECLINED';
  return { state: { paymentId, reservationId, userId, cinemaNo, time, price, status: 'COMPLETED' }, events: ['PaymentCompleted'] };
}

/** Refunds a payment, once. */
export function refund(payment: Payment): Exclude<PaymentDecision, string> {
  return payment.status === 'COMPLETED' ? { state: { ...payment, status: 'REFUNDED' }, events: ['PaymentRefunded'] } : undefined;
}

/** Whether a repeated request is about the ticket that was paid. */
export function isSame(payment: Payment, { userId, cinemaNo, time, price }: PaidTicket): boolean {
  return payment.userId === userId && payment.cinemaNo === cinemaNo && payment.time === time && payment.price === price;
}

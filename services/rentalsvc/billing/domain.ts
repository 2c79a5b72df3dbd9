import type { Decision } from '#kit/decision.ts';

/** An order as the events of order and inventory report it. */
export interface Charge {
  readonly orderId: string;
  readonly userId: string;
  /** In won. */
  readonly amount: number;
}

/** The fee of one order. REFUNDED is final. */
export interface Bill extends Charge {
  readonly billId: string;
  readonly status: 'RECEIVED' | 'REFUNDED';
}

type BillDecision = Decision<Bill, 'FeeReceived' | 'FeeRefunded'>;

/** Receives the fee of an order, once. */
export function receive(existing: Bill | undefined, { orderId, userId, amount }: Charge, billId: string): BillDecision {
  if (existing !== undefined) return undefined;
  return { state: { billId, orderId, userId, amount, status: 'RECEIVED' }, events: ['FeeReceived'] };
}

/** Refunds the fee of a cancelled order, once. A cancellation that arrives before its order receives and refunds the fee. */
export function refund(existing: Bill | undefined, { orderId, userId, amount }: Charge, billId: string): BillDecision {
  switch (existing?.status) {
    case undefined:
      return { state: { billId, orderId, userId, amount, status: 'REFUNDED' }, events: ['FeeReceived', 'FeeRefunded'] };
    case 'RECEIVED':
      return { state: { ...existing, status: 'REFUNDED' }, events: ['FeeRefunded'] };
    case 'REFUNDED':
      return undefined;
  }
}

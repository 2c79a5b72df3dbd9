import type { Decision } from '#kit/decision.ts';

/** An order as the events of billing report it. */
export interface Paid {
  readonly orderId: string;
  readonly userId: string;
}

/** The delivery of one order. RETRIEVED is final. */
export interface Delivery extends Paid {
  readonly deliveryId: string;
  readonly status: 'STARTED' | 'RETRIEVED';
}

type DeliveryDecision = Decision<Delivery, 'DeliveryStarted' | 'RetrievalStarted'>;

/** Starts the delivery of an order, once. */
export function start(existing: Delivery | undefined, { orderId, userId }: Paid, deliveryId: string): DeliveryDecision {
  if (existing !== undefined) return undefined;
  return { state: { deliveryId, orderId, userId, status: 'STARTED' }, events: ['DeliveryStarted'] };
}

/** Retrieves what was delivered, once. A refund that arrives before the fee starts the delivery and the retrieval. */
export function retrieve(existing: Delivery | undefined, { orderId, userId }: Paid, deliveryId: string): DeliveryDecision {
  switch (existing?.status) {
    case undefined:
      return { state: { deliveryId, orderId, userId, status: 'RETRIEVED' }, events: ['DeliveryStarted', 'RetrievalStarted'] };
    case 'STARTED':
      return { state: { ...existing, status: 'RETRIEVED' }, events: ['RetrievalStarted'] };
    case 'RETRIEVED':
      return undefined;
  }
}

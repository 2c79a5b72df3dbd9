import type { Decision, Outcome } from '#kit/decision.ts';

/** What a customer wants to rent. */
export interface RentalRequest {
  readonly userId: string;
  readonly productId: string;
  readonly qty: number;
  /** The fee in won. */
  readonly amount: number;
}

/** A customer's order to rent a product. SHORT and CANCELLED are final. */
export interface Order extends RentalRequest {
  readonly orderId: string;
  readonly status: 'REQUESTED' | 'CONFIRMED' | 'SHORT' | 'CANCELLED';
}

type Event = 'RentalRequested' | 'RentalCancelled';
type OrderDecision<R extends string = never> = Decision<Order, Event, R>;

/** A new order. The inventory decides about it by event. */
export function request(orderId: string, { userId, productId, qty, amount }: RentalRequest): Outcome<Order, Event> {
  return { state: { orderId, userId, productId, qty, amount, status: 'REQUESTED' }, events: ['RentalRequested'] };
}

/** Cancels. A cancelled order stays as it is; one that a shortage has cancelled is NOT_CANCELLABLE. */
export function cancel(order: Order): OrderDecision<'NOT_CANCELLABLE'> {
  switch (order.status) {
    case 'REQUESTED':
    case 'CONFIRMED':
      return { state: { ...order, status: 'CANCELLED' }, events: ['RentalCancelled'] };
    case 'CANCELLED':
      return undefined;
    case 'SHORT':
      return 'NOT_CANCELLABLE';
  }
}

/** Records what the inventory has decided. A cancellation that came first stays. Without an order: NOT_REQUESTED. */
export function settle(order: Order | undefined, status: 'CONFIRMED' | 'SHORT'): OrderDecision<'NOT_REQUESTED'> {
  if (order === undefined) return 'NOT_REQUESTED';
  return order.status === 'REQUESTED' ? { state: { ...order, status }, events: [] } : undefined;
}

import type { Decision, Outcome } from '#kit/decision.ts';

/** What a customer wants, and what it costs in won. */
export interface OrderRequest {
  readonly userId: string;
  readonly menuId: string;
  readonly price: number;
}

/** An order as events of other services report it. */
export interface OrderDetails extends OrderRequest {
  readonly orderId: string;
}

/**
 * A customer's order of one coffee. It is stored only when the outcome of its payment is known: REQUESTED, or REJECTED (unknown,
 * and any payment is being refunded). CANCELLING waits for make, which decides.
 */
export interface Order extends OrderDetails {
  readonly status: 'REQUESTED' | 'REJECTED' | 'CANCELLING' | 'CANCELLED' | 'COMPLETED';
}

type Event = 'OrderPlaced' | 'OrderCancelRequested' | 'OrderCancelled' | 'OrderCompleted' | 'PaymentReleaseRequested';
type OrderDecision<R extends string = never> = Decision<Order, Event, R>;

/** An order whose payment was approved. */
export function accept(orderId: string, request: OrderRequest): Outcome<Order, Event> {
  return { state: { ...pick({ orderId, ...request }), status: 'REQUESTED' }, events: ['OrderPlaced'] };
}

/** An order whose payment has an unknown outcome. */
export function reject(orderId: string, request: OrderRequest): Order {
  return { ...pick({ orderId, ...request }), status: 'REJECTED' };
}

/** Takes the place of an order that was never stored although it is paid, so that a late acceptance fails. */
export function tombstone({ orderId }: Pick<Order, 'orderId'>): Order {
  return reject(orderId, { userId: '', menuId: '', price: 0 });
}

/** Asks make to stop the coffee. An order that is cancelled or being cancelled stays as it is. */
export function cancel(order: Order): OrderDecision<'NOT_CANCELLABLE'> {
  switch (order.status) {
    case 'REQUESTED':
      return { state: { ...order, status: 'CANCELLING' }, events: ['OrderCancelRequested'] };
    case 'CANCELLING':
    case 'CANCELLED':
      return undefined;
    case 'REJECTED':
    case 'COMPLETED':
      return 'NOT_CANCELLABLE';
  }
}

/**
 * Records that the coffee is made. That is a fact, so it also outweighs a cancellation: the final status does not depend on the
 * order of events. A coffee can be made before its order is stored, since the payment starts it: the event then stores the order.
 */
export function complete(order: Order | undefined, made: OrderDetails): OrderDecision {
  switch (order?.status) {
    case undefined:
      return { state: { ...pick(made), status: 'COMPLETED' }, events: ['OrderPlaced', 'OrderCompleted'] };
    case 'REQUESTED':
    case 'CANCELLING':
    case 'CANCELLED':
      return { state: { ...order, status: 'COMPLETED' }, events: ['OrderCompleted'] };
    case 'REJECTED':
    case 'COMPLETED':
      return undefined;
  }
}

/** Records that the payment was refunded. A refund can arrive before its order is stored: the event then stores the order. */
export function refund(order: Order | undefined, refunded: OrderDetails): OrderDecision {
  switch (order?.status) {
    case undefined:
      return { state: { ...pick(refunded), status: 'CANCELLED' }, events: ['OrderPlaced', 'OrderCancelled'] };
    case 'REQUESTED':
    case 'CANCELLING':
      return { state: { ...order, status: 'CANCELLED' }, events: ['OrderCancelled'] };
    case 'REJECTED':
    case 'CANCELLED':
    case 'COMPLETED':
      return undefined;
  }
}

function pick({ orderId, userId, menuId, price }: OrderDetails): OrderDetails {
  return { orderId, userId, menuId, price };
}

import type { Decision } from '#kit/decision.ts';

/** An order as the events of other services report it. */
export interface OrderDetails {
  readonly orderId: string;
  readonly userId: string;
  readonly menuId: string;
  /** In won. */
  readonly price: number;
}

/** The making of one order's coffee. MADE and CANCELLED are final: which of them comes first decides about the order. */
export interface Make extends OrderDetails {
  readonly makeId: string;
  readonly status: 'MAKING' | 'MADE' | 'CANCELLED';
}

type MakeDecision = Decision<Make, 'CoffeeStarted' | 'CoffeeMade' | 'CoffeeCancelled'>;

/** Names the job that ends the making of a coffee. */
export const FINISH = 'finish';

/** Begins a coffee that takes `makeMs` milliseconds, once. An existing make stays as it is, also where the cancellation came first. */
export function start(existing: Make | undefined, order: OrderDetails, makeId: string, makeMs: number): MakeDecision {
  if (existing !== undefined) return undefined;
  return { state: making(order, makeId), events: ['CoffeeStarted'], jobs: [{ name: FINISH, delayMs: makeMs }] };
}

/** Ends the making of a coffee, unless it was cancelled. */
export function finish(make: Make | undefined): MakeDecision {
  return make?.status === 'MAKING' ? { state: { ...make, status: 'MADE' }, events: ['CoffeeMade'] } : undefined;
}

/**
 * Stops a coffee, unless it is made. A cancellation that arrives before the payment leaves a cancelled make, so that the coffee
 * is never begun.
 */
export function cancel(existing: Make | undefined, order: OrderDetails, makeId: string): MakeDecision {
  const make = existing ?? making(order, makeId);
  return make.status === 'MAKING' ? { state: { ...make, status: 'CANCELLED' }, events: ['CoffeeCancelled'] } : undefined;
}

function making({ orderId, userId, menuId, price }: OrderDetails, makeId: string): Make {
  return { makeId, orderId, userId, menuId, price, status: 'MAKING' };
}

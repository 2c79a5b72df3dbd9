import type { Outcome } from '#kit/decision.ts';

/** A product and how many of it are in stock. */
export interface Product {
  readonly productId: string;
  readonly productName: string;
  readonly qty: number;
  /** Never changes: it equals the stock and what orders have taken. */
  readonly initialQty: number;
}

/** A rental as the events of order report it. */
export interface Rental {
  readonly orderId: string;
  readonly userId: string;
  readonly productId: string;
  readonly qty: number;
  readonly amount: number;
}

/** What was decided about the stock of one order, once. RETURNED: the order is cancelled, and has nothing of the stock. */
export interface Allocation {
  readonly orderId: string;
  readonly productId: string;
  readonly qty: number;
  readonly status: 'TAKEN' | 'SHORT' | 'RETURNED';
}

type Event = 'StockTaken' | { readonly InventoryStockShortage: { readonly userId: string; readonly amount: number } };

/** The product after a decision, and the decision to store. */
export interface StockDecision {
  readonly product: Product | undefined;
  readonly allocation: Outcome<Allocation, Event>;
}

/** A newly added product. */
export function add({ productId, productName, qty }: Pick<Product, 'productId' | 'productName' | 'qty'>): Outcome<Product, never> {
  return { state: { productId, productName, qty, initialQty: qty }, events: [] };
}

/**
 * Takes the stock of an order, all of it or none: the last units can be taken. Decides once per order; nothing is taken for an order
 * that was cancelled before.
 */
export function take(product: Product | undefined, existing: Allocation | undefined, rental: Rental): StockDecision | undefined {
  if (existing !== undefined) return undefined;
  const { userId, amount, qty } = rental;
  if (product === undefined || product.qty < qty) {
    const state = allocationOf(rental, 'SHORT');
    return { product, allocation: { state, events: [{ InventoryStockShortage: { userId, amount } }] } };
  }
  return { product: { ...product, qty: product.qty - qty }, allocation: { state: allocationOf(rental, 'TAKEN'), events: ['StockTaken'] } };
}

/** Gives back what a cancelled order has taken, once. A cancellation that arrives before its order is recorded. */
export function giveBack(product: Product | undefined, existing: Allocation | undefined, rental: Rental): StockDecision | undefined {
  switch (existing?.status) {
    case undefined:
      return { product, allocation: { state: allocationOf(rental, 'RETURNED'), events: [] } };
    case 'TAKEN': {
      const returned = product && { ...product, qty: product.qty + rental.qty };
      return { product: returned, allocation: { state: allocationOf(rental, 'RETURNED'), events: [] } };
    }
    case 'SHORT':
    case 'RETURNED':
      return undefined;
  }
}

function allocationOf({ orderId, productId, qty }: Rental, status: Allocation['status']): Allocation {
  return { orderId, productId, qty, status };
}

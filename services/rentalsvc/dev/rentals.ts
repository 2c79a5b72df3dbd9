import { type Agreement, disagreements, readStatuses, type StatusSnapshot } from '../../../dev/checks/agreement.ts';
import { readTables, unsentEvents } from '../../../dev/checks/databases.ts';
import type { Stores } from '../../../dev/systems/stores.ts';
import { STEP } from '../totalview/totalviews.ts';

/** An order and what it rents. */
export interface RentalOrder {
  readonly orderId: string;
  readonly status: string;
  readonly productId: string;
  readonly qty: number;
}

/** A product and its stock. */
export interface Stock {
  readonly productId: string;
  readonly productName: string;
  readonly qty: number;
  readonly initialQty: number;
}

/** What the databases of the system say, each read at one moment. */
export interface RentalsSnapshot extends StatusSnapshot {
  readonly orders: readonly RentalOrder[];
  /** The oldest first. */
  readonly products: readonly Stock[];
}

const UNDONE = { billing: ['REFUNDED'], logistics: ['RETRIEVED'], totalview: ['RetrievalStarted'] };

/** What the services have of one order. */
const AGREEMENT: Agreement = {
  system: 'rentalsvc',
  id: 'order_id',
  tables: { order: 'orders', billing: 'bills', logistics: 'deliveries' },
  view: { service: 'totalview', collection: 'totalviews', statuses: STEP },
  agreeing: {
    CONFIRMED: { billing: ['RECEIVED'], logistics: ['STARTED'], totalview: ['DeliveryStarted'] },
    SHORT: UNDONE,
    CANCELLED: UNDONE,
  },
};

/** Returns how many units of a product confirmed orders have. */
export function confirmedQty({ orders }: Pick<RentalsSnapshot, 'orders'>, productId: string): number {
  const confirmed = orders.filter((order) => order.status === 'CONFIRMED' && order.productId === productId);
  return confirmed.reduce((sum, { qty }) => sum + qty, 0);
}

/** Returns what does not agree, one sentence each; empty if the invariant holds. */
export function differences(snapshot: RentalsSnapshot): string[] {
  return [
    ...snapshot.products.flatMap((product) => differencesOfStock(snapshot, product)),
    ...disagreements(AGREEMENT, snapshot),
    ...unsentEvents(snapshot.waiting),
  ];
}

function differencesOfStock(snapshot: RentalsSnapshot, { productId, qty, initialQty }: Stock): string[] {
  const confirmed = confirmedQty(snapshot, productId);
  if (qty + confirmed === initialQty) return [];
  return [`product ${productId} began with ${initialQty}: ${qty} in stock and ${confirmed} confirmed are ${qty + confirmed}`];
}

/** Reads the databases of the system. */
export async function readRentals(stores: Stores): Promise<RentalsSnapshot> {
  const [{ statuses, waiting }, stock] = await Promise.all([
    readStatuses(stores, AGREEMENT),
    readTables<{ orders: RentalOrder; products: Stock }>(stores, 'rentalsvc', {
      order: { orders: 'SELECT order_id, status, product_id, qty FROM orders ORDER BY create_time' },
      inventory: { products: 'SELECT product_id, product_name, qty, initial_qty FROM inventories ORDER BY create_time' },
    }),
  ]);
  return { ...stock.rows, statuses, waiting: { ...waiting, ...stock.waiting } };
}

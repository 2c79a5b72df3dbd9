import { readPostgres, readProjection } from '../../../dev/checks/databases.ts';
import type { Stores } from '../../../dev/systems/stores.ts';
import { STEP } from '../totalview/totalviews.ts';

/** An entity of one order. */
export interface OfOrder {
  readonly orderId: string;
  readonly status: string;
}

/** An order and what it rents. */
export interface RentalOrder extends OfOrder {
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
export interface RentalsSnapshot {
  readonly orders: readonly RentalOrder[];
  /** The oldest first. */
  readonly products: readonly Stock[];
  readonly bills: readonly OfOrder[];
  readonly deliveries: readonly OfOrder[];
  /** The last events of the views by order id. */
  readonly lastEvents: ReadonlyMap<string, string>;
  /** Transactions whose events are not sent yet, by service. */
  readonly waiting: Readonly<Record<string, number>>;
}

const UNDONE = { bill: 'REFUNDED', delivery: 'RETRIEVED', lastEvent: 'RetrievalStarted' };

/** What agrees with the status of an order once no event is under way. */
const AGREEING: Readonly<Record<string, typeof UNDONE>> = {
  CONFIRMED: { bill: 'RECEIVED', delivery: 'STARTED', lastEvent: 'DeliveryStarted' },
  SHORT: UNDONE,
  CANCELLED: UNDONE,
};

/** Returns how many units of a product confirmed orders have. */
export function confirmedQty({ orders }: Pick<RentalsSnapshot, 'orders'>, productId: string): number {
  const confirmed = orders.filter((order) => order.status === 'CONFIRMED' && order.productId === productId);
  return confirmed.reduce((sum, { qty }) => sum + qty, 0);
}

/** Returns what does not agree, one sentence each; empty if the invariant holds. */
export function differences(snapshot: RentalsSnapshot): string[] {
  const waiting = Object.entries(snapshot.waiting).filter(([, count]) => count > 0);
  return [
    ...snapshot.products.flatMap((product) => differencesOfStock(snapshot, product)),
    ...differencesOfOrders(snapshot),
    ...waiting.map(([service, count]) => `events of ${count} transactions of ${service} are not sent yet`),
  ];
}

function differencesOfStock(snapshot: RentalsSnapshot, { productId, qty, initialQty }: Stock): string[] {
  const confirmed = confirmedQty(snapshot, productId);
  if (qty + confirmed === initialQty) return [];
  return [`product ${productId} began with ${initialQty}: ${qty} in stock and ${confirmed} confirmed are ${qty + confirmed}`];
}

function differencesOfOrders({ orders, bills, deliveries, lastEvents }: RentalsSnapshot): string[] {
  const [orderOf, billOf, deliveryOf] = [orders, bills, deliveries].map((all) => statusesOf(all)) as [Statuses, Statuses, Statuses];
  const ids = new Set([...orderOf.keys(), ...billOf.keys(), ...deliveryOf.keys(), ...lastEvents.keys()]);
  return [...ids].flatMap((orderId) => {
    const [status, bill, delivery] = [orderOf, billOf, deliveryOf].map((statuses) => statuses.get(orderId) ?? '-');
    const lastEvent = lastEvents.get(orderId) ?? '-';
    const found = `order ${orderId} is ${status}: bill ${bill}, delivery ${delivery}, last event ${lastEvent}`;
    const expected = AGREEING[status ?? '-'];
    const agrees = expected?.bill === bill && expected?.delivery === delivery && expected?.lastEvent === lastEvent;
    return agrees ? [] : [found];
  });
}

type Statuses = ReadonlyMap<string, string>;

/** Returns statuses by order. Two entities of one order agree with nothing. */
function statusesOf(all: readonly OfOrder[]): Statuses {
  const found = new Map<string, string>();
  for (const { orderId, status } of all) found.set(orderId, found.has(orderId) ? `${found.get(orderId)} and ${status}` : status);
  return found;
}

/** Reads the databases of the system. Each is read at one moment; the moments differ, so a difference counts only if it stays. */
export async function readRentals(stores: Stores): Promise<RentalsSnapshot> {
  const read = <T extends object>(service: string, statement: string) =>
    readPostgres(stores, `rentalsvc_${service}`, async (reader) => ({
      rows: await reader.rows<T>(`${statement} ORDER BY create_time`),
      waiting: await reader.unsent(),
    }));
  const [order, inventory, billing, logistics, views] = await Promise.all([
    read<RentalOrder>('order', 'SELECT order_id AS "orderId", product_id AS "productId", qty, status FROM orders'),
    read<Stock>(
      'inventory',
      'SELECT product_id AS "productId", product_name AS "productName", qty, initial_qty AS "initialQty" FROM inventories',
    ),
    read<OfOrder>('billing', 'SELECT order_id AS "orderId", status FROM bills'),
    read<OfOrder>('logistics', 'SELECT order_id AS "orderId", status FROM deliveries'),
    readProjection(stores, 'rentalsvc_totalview', 'totalviews'),
  ]);
  const eventOf = new Map<number, string>(Object.entries(STEP).map(([name, step]) => [step, name]));
  return {
    orders: order.rows,
    products: inventory.rows,
    bills: billing.rows,
    deliveries: logistics.rows,
    lastEvents: new Map([...views].map(([id, step]) => [id, eventOf.get(step) ?? String(step)])),
    waiting: { order: order.waiting, inventory: inventory.waiting, billing: billing.waiting, logistics: logistics.waiting },
  };
}

import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { differences, readRentals } from '../../../services/rentalsvc/dev/rentals.ts';
import { eventually } from '../../support/eventually.ts';
import { unique } from '../../support/patiently.ts';
import { get, listAll, post, rest } from '../../support/rest.ts';
import { tested } from '../../support/tested/index.ts';

export interface Order {
  readonly orderId: string;
  readonly userId: string;
  readonly productId: string;
  readonly qty: number;
  readonly amount: number;
  readonly status: string;
}

export interface Inventory {
  readonly productId: string;
  readonly productName: string;
  readonly qty: number;
}

/** A bill or a delivery. */
export interface OfOrder {
  readonly orderId: string;
  readonly status: string;
}

export interface TotalView {
  readonly orderId: string;
  readonly lastEvent: string;
  readonly events: readonly { readonly name: string; readonly time: string }[];
}

/** The events of a rental that gets its stock, causes before effects. */
export const RENTED = ['RentalRequested', 'StockTaken', 'FeeReceived', 'DeliveryStarted'];
/** What a cancellation adds. */
export const CANCELLED = ['RentalCancelled', 'FeeRefunded', 'RetrievalStarted'];
/** The six events of a shortage. */
export const SHORT = ['RentalRequested', 'FeeReceived', 'DeliveryStarted', 'InventoryStockShortage', 'FeeRefunded', 'RetrievalStarted'];

/** Adds a product of its own, so that no other test takes from its stock. */
export async function addProduct(qty = 100): Promise<Inventory> {
  return await post('/rentalsvc/inventories', { productId: randomUUID().slice(0, 32), productName: 'TEST', qty });
}

/** Whose request it is, and its idempotency key. Default: new ones. */
interface RequestOptions {
  readonly key?: string;
  readonly userId?: string;
}

/** Requests a rental. */
export async function request(productId: string, qty: number, options: RequestOptions = {}): Promise<Order> {
  const { key = randomUUID(), userId = unique('user') } = options;
  const body = { userId, productId, qty, amount: 10 };
  return await rest('POST', '/rentalsvc/orders', body, { headers: { 'idempotency-key': key } });
}

export async function cancel(orderId: string): Promise<Order> {
  return await post(`/rentalsvc/orders/${orderId}:cancel`);
}

export async function qtyOf(productId: string): Promise<number> {
  return (await get<Inventory>(`/rentalsvc/inventories/${productId}`)).qty;
}

export async function orderOf(orderId: string): Promise<Order> {
  return await get(`/rentalsvc/orders/${orderId}`);
}

export async function viewOf(orderId: string): Promise<TotalView> {
  return await get(`/rentalsvc/totalviews/${orderId}`);
}

/** Waits until an order has a status, and one bill and one delivery that agree with it. */
export async function orderBecomes(orderId: string, status: 'CONFIRMED' | 'SHORT' | 'CANCELLED'): Promise<void> {
  const [bill, delivery] = status === 'CONFIRMED' ? ['RECEIVED', 'STARTED'] : ['REFUNDED', 'RETRIEVED'];
  await eventually(`order ${orderId} is ${status} with its bill and its delivery`, async () => {
    expect(await orderOf(orderId)).toMatchObject({ status });
    expect(await listAll('/rentalsvc/bills', 'bills', { order_id: orderId })).toEqual([expect.objectContaining({ orderId, status: bill })]);
    expect(await listAll('/rentalsvc/deliveries', 'deliveries', { order_id: orderId })).toEqual([
      expect.objectContaining({ orderId, status: delivery }),
    ]);
  });
}

/** Waits until the view of an order has exactly these events, in this order. */
export async function viewBecomes(orderId: string, events: readonly string[]): Promise<TotalView> {
  return await eventually(`the view of ${orderId} has ${events.join(', ')}`, async () => {
    const view = await viewOf(orderId);
    expect(view.events.map(({ name }) => name)).toEqual(events);
    return view;
  });
}

export async function qtyBecomes(productId: string, qty: number): Promise<void> {
  await eventually(`${qty} of ${productId} are in stock`, async () => expect(await qtyOf(productId)).toBe(qty));
}

/** Limit of the time that everything takes to settle after outages, in milliseconds. */
const SETTLED_MS = 60_000;

/** Waits until the databases agree about every order: the invariant of `npm run check`. */
export async function rentalsAgree(): Promise<void> {
  await tested.withStores(async (stores) => {
    await eventually('all rentals agree', async () => expect(differences(await readRentals(stores))).toEqual([]), SETTLED_MS);
  });
}

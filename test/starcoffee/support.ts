import { expect } from 'vitest';
import { invariant } from '../../services/starcoffee/dev/invariant.ts';
import { eventually } from '../support/eventually.ts';
import { control } from '../support/instance.ts';
import { patiently, unique } from '../support/patiently.ts';
import { get, listAll, rest } from '../support/rest.ts';
import { tested } from '../support/tested/index.ts';

/** An order as REST shows it. */
export interface Order {
  readonly orderId: string;
  readonly userId: string;
  readonly menuId: string;
  readonly price: number;
  readonly status: string;
}

/** A payment as REST shows it. */
export interface Payment extends Order {
  readonly paymentId: string;
}

/** A make as REST shows it. */
export interface Make extends Order {
  readonly makeId: string;
}

/** Longer than the lease of a payment without an order, the making of a coffee, and the return of a consumer to its group. */
const SETTLED_MS = 60_000;

/** Returns the content of an order by a user of its own. */
export function coffeeOf(more: Partial<Order> = {}) {
  return { userId: unique('user'), menuId: 'americano', price: 4500, ...more };
}

/** Orders once. */
export async function tryOrder(coffee = coffeeOf(), headers: Record<string, string> = {}): Promise<Order> {
  return await rest('POST', '/starcoffee/orders', coffee, { headers });
}

/** Orders as a client should: repeats what is UNAVAILABLE under the same idempotency key. */
export async function order(more: Partial<Order> = {}): Promise<Order> {
  const [coffee, key] = [coffeeOf(more), unique('key')];
  return await patiently(() => tryOrder(coffee, { 'idempotency-key': key }));
}

export async function cancelOrder(orderId: string): Promise<Order> {
  return await patiently(() => rest('POST', `/starcoffee/orders/${orderId}:cancel`, {}));
}

/** Refunds the payment of an order. */
export async function refund(orderId: string): Promise<Payment> {
  const [payment] = await paymentsOf(orderId);
  return await rest('POST', `/starcoffee/payments/${payment?.paymentId}:cancel`, {});
}

export async function orderOf(orderId: string): Promise<Order> {
  return await get(`/starcoffee/orders/${orderId}`);
}

export async function ordersOf(userId: string): Promise<Order[]> {
  return await listAll('/starcoffee/orders', 'orders', { userId });
}

export async function paymentsOf(orderId: string): Promise<Payment[]> {
  return await listAll('/starcoffee/payments', 'payments', { orderId });
}

export async function makesOf(orderId: string): Promise<Make[]> {
  return await listAll('/starcoffee/makes', 'makes', { orderId });
}

/** Statuses of an order at all services. */
export interface Statuses {
  readonly order: string;
  readonly payment: string;
  readonly make: string;
  readonly mypage: string;
}

/** Waits until all services have their one entity of an order, with these statuses. */
export async function becomes(orderId: string, expected: Statuses): Promise<void> {
  const look = async () => {
    const [placed, payments, makes, mypage] = await Promise.all([
      orderOf(orderId),
      paymentsOf(orderId),
      makesOf(orderId),
      get<Order>(`/starcoffee/mypages/${orderId}`),
    ]);
    const statuses = (entities: readonly Order[]) => entities.map(({ status }) => status).join(', ');
    const found = { order: placed.status, payment: statuses(payments), make: statuses(makes), mypage: mypage.status };
    expect(found).toEqual(expected);
  };
  await eventually(`order ${orderId} is ${expected.order} everywhere`, look, SETTLED_MS);
}

/** What all services say about an order whose coffee is made. */
export const MADE: Statuses = { order: 'COMPLETED', payment: 'APPROVED', make: 'MADE', mypage: 'MADE' };
/** What all services say about an order that was cancelled in time. */
export const CANCELLED: Statuses = { order: 'CANCELLED', payment: 'CANCELLED', make: 'CANCELLED', mypage: 'REFUNDED' };

/** Waits until the invariant of Starcoffee holds and no event is under way. */
export async function allAgree(): Promise<void> {
  await tested.withStores(async (stores) => {
    await eventually('all services agree', async () => expect((await invariant.read(stores)).violations).toEqual([]), SETTLED_MS);
  });
}

/** Stops replicas for the duration of some work. */
export async function without<T>(replicas: readonly string[], work: () => Promise<T>): Promise<T> {
  for (const name of replicas) await control.stop(name);
  try {
    return await work();
  } finally {
    for (const name of replicas) await control.start(name);
  }
}

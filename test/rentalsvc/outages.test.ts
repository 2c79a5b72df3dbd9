import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { control } from '../support/instance.ts';
import { listAll, post } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import {
  addProduct,
  CANCELLED,
  cancel,
  type Order,
  orderBecomes,
  qtyBecomes,
  RENTED,
  request,
  SHORT,
  viewBecomes,
} from './support/rentals.ts';

beforeAll(() => runSystem('rentalsvc'));

const stopped = new Set<string>();

async function stop(name: string): Promise<void> {
  stopped.add(name);
  await control.stop(name);
}

async function start(name: string): Promise<void> {
  await control.start(name);
  stopped.delete(name);
}

afterEach(async () => {
  for (const name of stopped) await start(name);
});

describe('while a service is stopped', () => {
  it('inventory: requesting is UNAVAILABLE, nothing is stored or published, and a repetition succeeds', async () => {
    const { productId } = await addProduct();
    const body = { userId: randomUUID(), productId, qty: 10, amount: 10 };
    await stop('rentalsvc/inventory-1');
    expect(await failureOf(post('/rentalsvc/orders', body))).toMatchObject({
      ...{ code: 'UNAVAILABLE', reason: 'INVENTORY_UNCHECKED', httpStatus: 503, retryAfter: expect.stringMatching(/^\d+$/) },
    });
    expect(await listAll('/rentalsvc/orders', 'orders', { user_id: body.userId })).toEqual([]);
    await start('rentalsvc/inventory-1');
    // The circuit in front of requesting closes within seconds.
    const { orderId } = await eventually('requesting works again', () => post<{ orderId: string }>('/rentalsvc/orders', body));
    await orderBecomes(orderId, 'CONFIRMED');
    // The failed request has taken nothing.
    await qtyBecomes(productId, 90);
    expect(await listAll('/rentalsvc/totalviews', 'totalViews', { user_id: body.userId })).toHaveLength(1);
  });

  it.each(['billing', 'logistics', 'totalview'])(
    '%s: rentals, shortages and cancellations go on, and the rest catches up',
    async (service) => {
      const { productId } = await addProduct(100);
      await stop(`rentalsvc/${service}-1`);
      const rented = await request(productId, 10);
      const short = await request(productId, 110);
      const cancelled = await request(productId, 20);
      expect(await cancel(cancelled.orderId)).toMatchObject({ status: 'CANCELLED' });
      await qtyBecomes(productId, 90);
      await start(`rentalsvc/${service}-1`);
      await orderBecomes(rented.orderId, 'CONFIRMED');
      await orderBecomes(short.orderId, 'SHORT');
      await orderBecomes(cancelled.orderId, 'CANCELLED');
      await viewBecomes(rented.orderId, RENTED);
      await viewBecomes(short.orderId, SHORT);
      await viewBecomes(cancelled.orderId, [...RENTED, ...CANCELLED]);
    },
  );

  it('order: what inventory has decided is recorded when order is back', async () => {
    const { productId } = await addProduct(100);
    const { orderId } = await request(productId, 10);
    await stop('rentalsvc/order-1');
    await qtyBecomes(productId, 90);
    await start('rentalsvc/order-1');
    await orderBecomes(orderId, 'CONFIRMED');
  });
});

it('a killed inventory decides each order once', async () => {
  const { productId } = await addProduct(100);
  const orders: Order[] = [];
  for (let index = 0; index < 10; index++) {
    if (index === 5) await control.kill('rentalsvc/inventory-1');
    // A refused request stores nothing.
    orders.push(await eventually('a rental is accepted', () => request(productId, 1)));
  }
  for (const { orderId } of orders) await orderBecomes(orderId, 'CONFIRMED');
  await qtyBecomes(productId, 90);
});

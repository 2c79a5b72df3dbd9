import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { each, eventually, range } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { get, listAll, post, rest } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import {
  addProduct,
  CANCELLED,
  cancel,
  type Inventory,
  orderBecomes,
  orderOf,
  qtyBecomes,
  qtyOf,
  RENTED,
  request,
  SHORT,
  viewBecomes,
} from './support/rentals.ts';

beforeAll(() => runSystem('rentalsvc'));

describe('renting', () => {
  it('a new system has three products', async () => {
    const products = await listAll<Inventory>('/rentalsvc/inventories', 'inventories');
    expect(products.slice(0, 3).map(({ productId, productName }) => [productId, productName])).toEqual([
      ['1', 'IPAD'],
      ['2', 'MACBOOK'],
      ['3', 'EARPHONE'],
    ]);
  });

  it('takes stock, receives the fee, starts the delivery, and shows the steps', async () => {
    const { productId } = await addProduct(100);
    const order = await request(productId, 10);
    expect(order).toMatchObject({ productId, qty: 10, amount: 10, status: 'REQUESTED' });
    await orderBecomes(order.orderId, 'CONFIRMED');
    await qtyBecomes(productId, 90);
    expect(await viewBecomes(order.orderId, RENTED)).toMatchObject({
      ...{ orderId: order.orderId, userId: order.userId, productId, qty: 10, amount: 10, lastEvent: 'DeliveryStarted' },
      ...{ rentalRequested: true, feeReceived: true, deliveryStarted: true },
      ...{ rentalCancelled: false, feeRefunded: false, inventoryStockShortage: false, retrievalStarted: false },
    });
  });

  it('gives everything back after a cancellation, once', async () => {
    const { productId } = await addProduct(100);
    const { orderId } = await request(productId, 10);
    await viewBecomes(orderId, RENTED);
    const cancelled = await cancel(orderId);
    expect(cancelled).toMatchObject({ status: 'CANCELLED' });
    await orderBecomes(orderId, 'CANCELLED');
    await qtyBecomes(productId, 100);
    expect(await viewBecomes(orderId, [...RENTED, ...CANCELLED])).toMatchObject({
      ...{ lastEvent: 'RetrievalStarted', rentalCancelled: true, feeRefunded: true, retrievalStarted: true, inventoryStockShortage: false },
    });
    expect(await cancel(orderId), 'cancelling again changes nothing').toEqual(cancelled);
  });

  it('more than there is cancels the order by six events, and leaves the stock', async () => {
    const { productId } = await addProduct(100);
    const { orderId } = await request(productId, 110);
    await orderBecomes(orderId, 'SHORT');
    expect(await viewBecomes(orderId, SHORT)).toMatchObject({
      ...{ lastEvent: 'RetrievalStarted', inventoryStockShortage: true, feeRefunded: true, retrievalStarted: true, rentalCancelled: false },
    });
    expect(await qtyOf(productId)).toBe(100);
    expect(await failureOf(cancel(orderId))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOT_CANCELLABLE' });
  });

  it('takes exactly the last units', async () => {
    const { productId } = await addProduct(100);
    const { orderId } = await request(productId, 100);
    await orderBecomes(orderId, 'CONFIRMED');
    await qtyBecomes(productId, 0);
    const next = await request(productId, 1);
    await orderBecomes(next.orderId, 'SHORT');
  });

  it('at once by many, with cancellations in between, never sells a unit twice', async () => {
    const { productId } = await addProduct(10);
    const orders = await each(range(16), 16, async (index) => {
      const { orderId } = await request(productId, 1);
      if (index % 4 !== 0) return orderId;
      // An order that a shortage has ended first cannot be cancelled.
      await cancel(orderId).catch(async () => expect((await orderOf(orderId)).status).toBe('SHORT'));
      return orderId;
    });
    const settled = await eventually('all orders are settled', async () => {
      const statuses = await each(orders, 8, async (orderId) => (await orderOf(orderId)).status);
      expect(statuses).not.toContain('REQUESTED');
      return statuses;
    });
    for (const [index, orderId] of orders.entries()) await orderBecomes(orderId, settled[index] as 'CONFIRMED');
    await qtyBecomes(productId, 10 - settled.filter((status) => status === 'CONFIRMED').length);
  });
});

describe('repeated calls', () => {
  it('the same key and content give the same order, other content is refused', async () => {
    const { productId } = await addProduct();
    const body = { userId: `user-${randomUUID()}`, productId, qty: 1, amount: 10 };
    const key = { headers: { 'idempotency-key': randomUUID() } };
    const first = await rest<{ orderId: string }>('POST', '/rentalsvc/orders', body, key);
    expect(await rest('POST', '/rentalsvc/orders', body, key)).toMatchObject({ orderId: first.orderId });
    const other = rest('POST', '/rentalsvc/orders', { ...body, qty: 2 }, key);
    expect(await failureOf(other)).toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED', metadata: { orderId: first.orderId } });
    await qtyBecomes(productId, 99);
  });

  it('adding a product again returns it as it is now, and another quantity is refused', async () => {
    const { productId, productName, qty } = await addProduct(50);
    const { orderId } = await request(productId, 20);
    await orderBecomes(orderId, 'CONFIRMED');
    expect(await post('/rentalsvc/inventories', { productId, productName, qty })).toMatchObject({ productId, qty: 30 });
    const other = post('/rentalsvc/inventories', { productId, productName, qty: 51 });
    expect(await failureOf(other)).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'PRODUCT_EXISTS', metadata: { productId } });
    expect(await get(`/rentalsvc/inventories/${productId}`)).toMatchObject({ qty: 30 });
  });
});

import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { BillingServiceService } from '#proto/rentalsvc/billing/v1/billing.ts';
import { InventoryServiceService } from '#proto/rentalsvc/inventory/v1/inventory.ts';
import { OrderServiceService } from '#proto/rentalsvc/order/v1/order.ts';
import { expectInvalid as expectFailure, failureOf } from '../support/failure.ts';
import { channel, client } from '../support/grpc.ts';
import { edge } from '../support/instance.ts';
import { NO_ID } from '../support/patiently.ts';
import { get, listAll, post } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { type Order, orderBecomes, request } from './support/rentals.ts';

beforeAll(() => runSystem('rentalsvc'));

const door = channel(edge.address);
const orders = client(door, OrderServiceService);
const inventories = client(door, InventoryServiceService);
const bills = client(door, BillingServiceService);

const RENTAL = { userId: 'somebody', productId: '1', qty: 1, amount: 10 };
const PRODUCT = { productId: 'x', productName: 'X', qty: 1 };

/** Expects that a call is refused because of a field. */
async function expectInvalid(call: Promise<unknown>, field: string): Promise<void> {
  expectFailure(await failureOf(call), field);
}

describe('bad input names the field, by REST and by gRPC', () => {
  it.each([
    ['userId', ''],
    ['userId', 'x'.repeat(101)],
    ['userId', 'a\0b'],
    ['productId', ''],
    ['productId', 'x'.repeat(33)],
    ['qty', 0],
    ['qty', 10_001],
    ['amount', -1],
    ['amount', 1_000_000_001],
  ])('of a rental: %s %j', async (field, value) => {
    const rental = { ...RENTAL, userId: randomUUID(), [field]: value };
    await expectInvalid(post('/rentalsvc/orders', rental), field);
    await expectInvalid(orders.requestRental(rental), field);
    if (field !== 'userId') expect(await listAll('/rentalsvc/orders', 'orders', { user_id: rental.userId })).toEqual([]);
  });

  it.each([
    ['productId', ''],
    ['productId', 'x'.repeat(33)],
    ['productName', ''],
    ['productName', 'x'.repeat(101)],
    ['qty', 0],
    ['qty', 10_001],
  ])('of a product: %s %j', async (field, value) => {
    const product = { ...PRODUCT, productId: randomUUID().slice(0, 32), [field]: value };
    await expectInvalid(post('/rentalsvc/inventories', product), field);
    await expectInvalid(inventories.addProduct(product), field);
    if (field !== 'productId')
      expect(await failureOf(get(`/rentalsvc/inventories/${product.productId}`))).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
  });

  it('of lists and reads', async () => {
    await expectInvalid(get('/rentalsvc/orders/7'), 'orderId');
    await expectInvalid(get('/rentalsvc/bills', { order_id: '7' }), 'orderId');
    await expectInvalid(get('/rentalsvc/deliveries', { page_size: 101 }), 'pageSize');
    await expectInvalid(get(`/rentalsvc/totalviews/${NO_ID}:watch`, { resume_token: '1-1' }), 'resumeToken');
    await expectInvalid(bills.getBill({ billId: '7' }), 'billId');
  });
});

describe('what does not exist is NOT_FOUND', () => {
  it.each([
    [`/rentalsvc/orders/${NO_ID}`, 'ORDER_NOT_FOUND'],
    ['/rentalsvc/inventories/nothing', 'PRODUCT_NOT_FOUND'],
    [`/rentalsvc/bills/${NO_ID}`, 'BILL_NOT_FOUND'],
    [`/rentalsvc/deliveries/${NO_ID}`, 'DELIVERY_NOT_FOUND'],
    [`/rentalsvc/totalviews/${NO_ID}`, 'TOTAL_VIEW_NOT_FOUND'],
  ])('%s', async (path, reason) => {
    expect(await failureOf(get(path))).toMatchObject({ code: 'NOT_FOUND', reason, httpStatus: 404 });
  });

  it('a rental of an unknown product stores nothing', async () => {
    const userId = randomUUID();
    const refused = post('/rentalsvc/orders', { ...RENTAL, userId, productId: 'nothing' });
    expect(await failureOf(refused)).toMatchObject({ reason: 'PRODUCT_NOT_FOUND', metadata: { productId: 'nothing' } });
    expect(await listAll('/rentalsvc/orders', 'orders', { user_id: userId })).toEqual([]);
  });

  it('the internal check is not offered', async () => {
    expect(await failureOf(inventories.checkInventory({ productId: '1' }))).toMatchObject({ code: 'UNIMPLEMENTED' });
  });
});

it('orders are listed by user, product and status, page by page', async () => {
  const { productId } = await post<{ productId: string }>('/rentalsvc/inventories', {
    ...PRODUCT,
    productId: randomUUID().slice(0, 32),
    qty: 2,
  });
  const made: Order[] = [];
  for (const qty of [1, 3, 1]) made.push(await request(productId, qty));
  const ids = made.map(({ orderId }) => orderId);
  await orderBecomes(ids[0] ?? '', 'CONFIRMED');
  await orderBecomes(ids[1] ?? '', 'SHORT');
  await orderBecomes(ids[2] ?? '', 'CONFIRMED');
  const listed = async (query: Record<string, string>) =>
    (await listAll<Order>('/rentalsvc/orders', 'orders', query, 1)).map(({ orderId }) => orderId);
  expect(await listed({ product_id: productId })).toEqual(ids);
  expect(await listed({ product_id: productId, status: 'SHORT' })).toEqual([ids[1]]);
  expect(await listed({ user_id: made[2]?.userId ?? '' })).toEqual([ids[2]]);
});

import type { Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { runSystem } from '../../support/systems.ts';
import { useBrowser } from '../../web/support/browser.ts';
import { type ShownPage, testPages } from '../../web/support/presentable.ts';
import { addProduct, CANCELLED, cancel, type Order, RENTED, request, viewBecomes } from '../support/rentals.ts';

const visit = useBrowser();
let rented: Order;
let cancelled: Order;

beforeAll(async () => {
  await runSystem('rentalsvc');
  // As wide as a stock gets.
  await addProduct(10_000);
  const { productId } = await addProduct();
  rented = await request(productId, 2);
  cancelled = await request(productId, 3);
  await viewBecomes(cancelled.orderId, RENTED);
  await cancel(cancelled.orderId);
  await viewBecomes(cancelled.orderId, [...RENTED, ...CANCELLED]);
  await viewBecomes(rented.orderId, RENTED);
});

const table = (page: Page) => page.getByRole('table').waitFor();

/** Each page in the states that look different. */
const pages: readonly ShownPage[] = [
  ['rent a product', () => '', (page) => page.getByRole('heading', { name: 'IPAD' }).waitFor()],
  ['my rentals', () => 'orders', (page) => page.getByText('On its way').first().waitFor()],
  ['a rental', () => `orders/${rented.orderId}`, (page) => page.getByText('Live', { exact: true }).waitFor()],
  ['a cancelled rental', () => `orders/${cancelled.orderId}`, (page) => page.getByText('Retrieval started').waitFor()],
  ['stock', () => 'staff', table],
  ['orders', () => 'staff/orders', table],
  ['bills', () => 'staff/bills', table],
  ['deliveries', () => 'staff/deliveries', table],
  [
    'no bill',
    () => 'staff/bills?status=REFUNDED&order=019f0000-0000-7000-8000-000000000000',
    (page) => page.getByText('No bill is like this').waitFor(),
  ],
];

testPages('rentalsvc', visit, () => ({ userId: rented.userId, userName: '' }), pages);

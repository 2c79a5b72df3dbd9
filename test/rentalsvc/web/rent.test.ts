import { beforeAll, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { unique } from '../../support/patiently.ts';
import { listAll } from '../../support/rest.ts';
import { runSystem } from '../../support/systems.ts';
import { useBrowser } from '../../web/support/browser.ts';
import { orderBecomes, qtyOf } from '../support/rentals.ts';

const visit = useBrowser();

beforeAll(() => runSystem('rentalsvc'));

it('a customer rents a product, watches its steps, and cancels it', async () => {
  const productName = unique('LAPTOP');
  const userId = unique('user');
  const staff = await visit('/app/rentalsvc/staff', {});
  await staff.getByLabel('Id', { exact: true }).fill(productName.slice(0, 32));
  await staff.getByLabel('Name', { exact: true }).fill(productName);
  await staff.getByLabel('Quantity').fill('5');
  await staff.getByRole('button', { name: 'Add' }).click();
  await staff.getByText(`${productName} is added`).first().waitFor();

  const page = await visit('/app/rentalsvc/', { person: { userId, userName: '' } });
  const more = page.getByRole('button', { name: /more/i });
  const rent = page.getByRole('button', { name: `Rent ${productName}` });
  for (;;) {
    // Before the list has arrived there is neither.
    await rent.or(more).first().waitFor();
    if (await rent.isVisible()) break;
    await more.click();
  }
  await rent.click();
  await page.getByLabel('Quantity').fill('2');
  await page.getByRole('dialog').getByRole('button', { name: 'Rent', exact: true }).click();
  await page.getByText('On its way').first().waitFor();
  const [order] = await listAll<{ orderId: string; productId: string }>('/rentalsvc/orders', 'orders', { user_id: userId });
  await orderBecomes(order?.orderId ?? '', 'CONFIRMED');

  await page.getByRole('button', { name: 'Cancel this rental' }).click();
  await page.getByRole('button', { name: 'Cancel the rental' }).click();
  await page.getByText('Retrieval started').waitFor();
  await page.getByText('Cancelled', { exact: true }).first().waitFor();
  await orderBecomes(order?.orderId ?? '', 'CANCELLED');
  await eventually('the stock is back', async () => expect(await qtyOf(order?.productId ?? '')).toBe(5));
});

it('a shortage is shown with its refund', async () => {
  const before = await qtyOf('1');
  const page = await visit('/app/rentalsvc/', { person: { userId: unique('user'), userName: '' } });
  await page.getByRole('button', { name: 'Rent IPAD' }).click();
  await page.getByLabel('Quantity').fill('10000');
  await page.getByRole('dialog').getByRole('button', { name: 'Rent', exact: true }).click();
  await page.getByText('Too few were in stock. The fee is refunded.').first().waitFor();
  expect(await qtyOf('1')).toBe(before);
});

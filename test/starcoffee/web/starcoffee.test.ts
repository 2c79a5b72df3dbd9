import { beforeAll, describe, expect, it } from 'vitest';
import { unique } from '../../support/patiently.ts';
import { runSystem } from '../../support/systems.ts';
import { picture, useBrowser } from '../../web/support/browser.ts';
import { statusBecomes } from '../../web/support/page.ts';
import { type ShownPage, testPages } from '../../web/support/presentable.ts';
import { becomes, CANCELLED, MADE, type Order, order, ordersOf, without } from '../support.ts';

let made: Order;

beforeAll(async () => {
  await runSystem('starcoffee');
  made = await order();
  await becomes(made.orderId, MADE);
});

/** Each page in the states that look different. */
const pages: readonly ShownPage[] = [
  ['menu', () => '', (page) => page.getByRole('button', { name: 'Order Espresso' }).waitFor()],
  ['orders', () => 'orders', (page) => page.getByRole('link', { name: 'Americano' }).waitFor()],
  ['order', () => `orders/${made.orderId}`, (page) => page.getByText('The coffee is ready.').first().waitFor()],
  ['payments', () => `staff?order=${made.orderId}`, (page) => page.getByRole('button', { name: 'Refund Americano' }).waitFor()],
  ['makes', () => `staff/makes?order=${made.orderId}`, (page) => page.getByRole('link', { name: 'Americano' }).waitFor()],
];

const visit = useBrowser();

describe('a customer', () => {
  it('orders from the menu, and sees the coffee get ready without doing anything', async () => {
    const userId = unique('user');
    const page = await visit('/app/starcoffee/');
    await page.getByRole('button', { name: 'Order Latte' }).click();
    await page.getByLabel('Your user id').fill(userId);
    await picture(page, 'starcoffee-order');
    await page.getByRole('button', { name: 'Order and pay' }).click();
    await page.getByRole('heading', { name: 'Your Latte' }).waitFor();
    await statusBecomes(page, 'The coffee is ready.');
    await picture(page, 'starcoffee-ready');
    expect(await ordersOf(userId)).toMatchObject([{ menuId: 'latte', price: 5000, status: 'COMPLETED' }]);
  });

  it('cancels in time, and gets the money back', async () => {
    const page = await without(['starcoffee/make-1'], async () => {
      const { orderId } = await order();
      const opened = await visit(`/app/starcoffee/orders/${orderId}`);
      await opened.getByRole('button', { name: 'Cancel this order' }).click();
      await opened.getByRole('button', { name: 'Cancel the order' }).click();
      await statusBecomes(opened, 'The barista is asked to stop.');
      return opened;
    });
    await statusBecomes(page, 'The money is back.');
  });

  it('is told that nothing was ordered while payment is down, and the same button works when it is back', async () => {
    const userId = unique('user');
    const page = await visit('/app/starcoffee/', { person: { userId, userName: '' } });
    await page.getByRole('button', { name: 'Order Latte' }).click();
    await without(['starcoffee/payment-1'], async () => {
      await page.getByRole('button', { name: 'Order and pay' }).click();
      await page.getByRole('alert').getByText('The payment could not be checked, so nothing was ordered.').waitFor();
    });
    await order();
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByRole('heading', { name: 'Your Latte' }).waitFor();
  });
});

it('the staff refund a payment, and its coffee is not made', async () => {
  const { orderId } = await without(['starcoffee/make-1'], async () => {
    const placed = await order();
    const page = await visit(`/app/starcoffee/staff?order=${placed.orderId}`);
    await page.getByRole('button', { name: `Refund Americano of ${placed.userId}` }).click();
    await page.getByRole('button', { name: 'Refund', exact: true }).click();
    await page.getByRole('cell', { name: 'Refunded' }).waitFor();
    return placed;
  });
  await becomes(orderId, CANCELLED);
});

testPages('starcoffee', visit, () => ({ userId: made.userId, userName: 'Anna' }), pages);

import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { unique } from '../../support/patiently.ts';
import { runSystem } from '../../support/systems.ts';
import { overflow, violations } from '../../web/support/axe.ts';
import { picture, useBrowser } from '../../web/support/browser.ts';
import { statusBecomes } from '../../web/support/page.ts';
import { becomes, CANCELLED, MADE, order, ordersOf, without } from '../support.ts';

beforeAll(() => runSystem('starcoffee'));

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

describe.each([
  { theme: 'light', width: 1200 },
  { theme: 'dark', width: 360 },
] as const)('$theme, $width pixels wide', ({ theme, width }) => {
  it('axe-core finds nothing on any page, and nothing is cut off', async () => {
    const { orderId, userId } = await order();
    await becomes(orderId, MADE);
    const person = { userId, userName: 'Anna' };
    const pages: readonly (readonly [name: string, path: string, ready: (page: Page) => Locator])[] = [
      ['menu', '', (page) => page.getByRole('button', { name: 'Order Espresso' })],
      ['orders', 'orders', (page) => page.getByRole('link', { name: 'Americano' })],
      ['order', `orders/${orderId}`, (page) => page.getByText('The coffee is ready.').first()],
      ['payments', `staff?order=${orderId}`, (page) => page.getByRole('button', { name: 'Refund Americano' })],
      ['makes', `staff/makes?order=${orderId}`, (page) => page.getByRole('link', { name: 'Americano' })],
    ];
    for (const [name, path, ready] of pages) {
      const page = await visit(`/app/starcoffee/${path}`, { theme, width, person });
      await ready(page).waitFor();
      await picture(page, `starcoffee-${name}-${theme}-${width}`);
      expect(await violations(page), name).toEqual([]);
      expect(await overflow(page), name).toBe(0);
    }
  });
});

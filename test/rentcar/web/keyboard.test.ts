import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { registerCar } from '../../support/rentcar.ts';
import { useBrowser } from '../../web/support/browser.ts';
import { pageSays, statusBecomes } from '../../web/support/page.ts';
import { somebody } from './support.ts';

const visit = useBrowser();

/** Text of the focused element. */
const FOCUSED = 'document.activeElement?.textContent';

/** Presses Tab until an element with the text has the focus. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (String(await page.evaluate(FOCUSED)).includes(text)) return;
  }
  throw new Error(`Tab does not lead to “${text}”`);
}

it('a car is reserved and cancelled without a mouse, and the focus is never lost', async () => {
  const { carName } = await registerCar(1);
  const { userId } = somebody();
  const page = await visit(`/app/rentcar/?name=${carName}`);
  await page.getByText('Last one').waitFor();

  await page.keyboard.press('Tab');
  expect(await page.evaluate(FOCUSED)).toBe('Skip to content');
  await page.keyboard.press('Enter');
  await pageSays(page, 'the focus is on the content', 'document.activeElement?.id', 'main');

  await tabTo(page, `Reserve ${carName}`);
  await page.keyboard.press('Enter');
  await pageSays(page, 'the focus is in the dialog', 'document.activeElement?.closest("dialog") !== null', true);
  await page.keyboard.press('Escape');
  await pageSays(page, 'the focus is back on the button', FOCUSED, `Reserve ${carName}`);

  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type(userId);
  await page.keyboard.press('Enter');
  await pageSays(page, 'the focus is on the new page', FOCUSED, `Your reservation of ${carName}`);

  await statusBecomes(page, 'Car set aside');
  await tabTo(page, 'Cancel this reservation');
  await page.keyboard.press('Enter');
  await pageSays(page, 'the focus is on what changes nothing', FOCUSED, 'Keep it');
  await tabTo(page, 'Cancel the reservation');
  await page.keyboard.press('Enter');
  await statusBecomes(page, 'Cancelled');
  await pageSays(page, 'the focus is on the status', 'document.activeElement?.getAttribute("aria-label")', 'Status');
});

it('going to another page moves the focus to its heading and names it in the title', async () => {
  const page = await visit('/app/rentcar/');
  await tabTo(page, 'Managers');
  await page.keyboard.press('Enter');
  await pageSays(page, 'the focus is on the heading', FOCUSED, 'Cars');
  expect(await page.title()).toBe('Cars · Rentmesh');
  await page.goBack();
  await pageSays(page, 'and on the way back too', FOCUSED, 'Find a car');
});

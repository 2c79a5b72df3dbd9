import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type Reservation, unique } from '../../support/rentcar.ts';
import { listAll } from '../../support/rest.ts';

/** A person that no other test knows. */
export function somebody(): { userId: string; userName: string } {
  return { userId: unique('user'), userName: 'Anna' };
}

/** Opens the dialog that reserves a car. */
export async function choose(page: Page, carName: string): Promise<void> {
  await page.getByRole('button', { name: `Reserve ${carName}` }).click();
}

/** The button of the open dialog that reserves. */
export function reserveButton(page: Page) {
  return page.getByRole('dialog').getByRole('button', { name: /^(Reserve|Try again|Reserving…)/ });
}

/** Waits until the page shows a reservation's status. */
export async function statusBecomes(page: Page, status: string): Promise<void> {
  await page.getByRole('region', { name: 'Status' }).getByText(status, { exact: true }).first().waitFor();
}

/** All reservations of a customer, as REST lists them. */
export async function reservationsOf(userId: string): Promise<Reservation[]> {
  return await listAll('/rentcar/reservations', 'reservations', { user_id: userId });
}

/** Waits until something on a page, given as an expression of its scripts, is so. */
export async function pageSays(page: Page, what: string, expression: string, expected: unknown): Promise<void> {
  await eventually(what, async () => expect(await page.evaluate(expression)).toEqual(expected));
}

/** Waits until a page has so many of something. */
export async function countBecomes(items: Locator, count: number): Promise<void> {
  await eventually(`there are ${count}`, async () => expect(await items.count()).toBe(count));
}

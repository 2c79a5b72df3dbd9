import type { Page } from 'playwright-core';
import { type Reservation, unique } from '../../support/rentcar.ts';
import { listAll } from '../../support/rest.ts';

/** A user that no other test knows. */
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

/** All reservations of a customer, as REST lists them. */
export async function reservationsOf(userId: string): Promise<Reservation[]> {
  return await listAll('/rentcar/reservations', 'reservations', { user_id: userId });
}

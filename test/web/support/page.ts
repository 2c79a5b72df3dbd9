import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { edge } from '../../support/instance.ts';

/** Waits until a page shows a status. */
export async function statusBecomes(page: Page, status: string): Promise<void> {
  await page.getByRole('region', { name: 'Status' }).getByText(status, { exact: true }).first().waitFor();
}

/** Waits until an expression in a page has a value. */
export async function pageSays(page: Page, what: string, expression: string, expected: unknown): Promise<void> {
  await eventually(what, async () => expect(await page.evaluate(expression)).toEqual(expected));
}

/** Waits until a page has a number of elements. */
export async function countBecomes(items: Locator, count: number): Promise<void> {
  await eventually(`there are ${count}`, async () => expect(await items.count()).toBe(count));
}

/** The names of the running systems, as the gateway publishes them. */
export async function runningSystems(): Promise<readonly string[]> {
  const response = await fetch(`${edge.url}/app/systems.json`);
  // The gateway sends a JSON array of names (services/gateway/static-handler.ts).
  return (await response.json()) as string[];
}

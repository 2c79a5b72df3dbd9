import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { overflow, violations } from './axe.ts';
import { HEIGHT, picture, type Visit, type VisitOptions } from './browser.ts';

/** A theme, and a width of the window in CSS pixels. */
export interface Look {
  readonly theme: 'light' | 'dark';
  readonly width: number;
}

/** The looks in which pages are tested: that of a desk in daylight, and that of a phone at night. */
const LOOKS: readonly Look[] = [
  { theme: 'light', width: 1200 },
  { theme: 'dark', width: 360 },
];

/** A page in one of the states that look different: its name, its path below `/app/<system>/`, and what shows that it is there. */
export type ShownPage = readonly [name: string, path: () => string, ready: (page: Page) => Promise<unknown>];

/** Does work on a page in each look, in which nothing moves: a page takes a new theme and width as it is. */
export async function inEachLook(page: Page, work: (look: Look) => Promise<unknown>, looks: readonly Look[] = LOOKS): Promise<void> {
  for (const look of looks) {
    await page.emulateMedia({ colorScheme: look.theme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width: look.width, height: HEIGHT });
    await work(look);
  }
}

/** Expects that axe-core finds nothing on a page as it looks now, and that nothing is cut off. Saves a screenshot. */
export async function expectPresentable(page: Page, name: string, { theme, width }: Look): Promise<void> {
  await picture(page, `${name}-${theme}-${width}`);
  const found = { violations: await violations(page), overflow: await overflow(page) };
  expect(found, `${theme}, ${width} pixels wide`).toEqual({ violations: [], overflow: 0 });
}

/** Tests the pages of a system in all looks. */
export function testPages(system: string, visit: Visit, person: () => VisitOptions['person'], pages: readonly ShownPage[]): void {
  it.each(pages)('%s: axe-core finds nothing, and nothing is cut off', async (name, path, ready) => {
    const page = await visit(`/app/${system}/${path()}`, { person: person() });
    await ready(page);
    await inEachLook(page, (look) => expectPresentable(page, `${system}-${name.replaceAll(' ', '-')}`, look));
  });
}

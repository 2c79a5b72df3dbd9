import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { overflow, violations } from './axe.ts';
import { picture, type Visit, type VisitOptions } from './browser.ts';

/** The themes and widths in which pages are tested: that of a desk in daylight, and that of a phone at night. */
export const LOOKS = [
  { theme: 'light', width: 1200 },
  { theme: 'dark', width: 360 },
] as const;

/** A page in one of the states that look different: its name, its path below `/app/<system>/`, and what shows that it is there. */
export type ShownPage = readonly [name: string, path: () => string, ready: (page: Page) => Promise<unknown>];

/** Expects that axe-core finds nothing on a page, and that nothing is cut off. Saves a screenshot. */
export async function expectPresentable(page: Page, name: string): Promise<void> {
  await picture(page, name);
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
}

/** Tests the pages of a system in all looks. */
export function testPages(system: string, visit: Visit, person: () => VisitOptions['person'], pages: readonly ShownPage[]): void {
  describe.each(LOOKS)('$theme, $width pixels wide', ({ theme, width }) => {
    it.each(pages)('%s: axe-core finds nothing, and nothing is cut off', async (name, path, ready) => {
      const page = await visit(`/app/${system}/${path()}`, { theme, width, person: person() });
      await ready(page);
      await expectPresentable(page, `${system}-${name.replaceAll(' ', '-')}-${theme}-${width}`);
    });
  });
}

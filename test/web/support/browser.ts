import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterEach, beforeAll, expect } from 'vitest';
import { home } from '../../../dev/paths.mjs';
import { edge } from '../../support/instance.ts';
import { findChromium } from './chromium.ts';

/** Limit in milliseconds of each wait, generous for a busy machine. */
const LIMIT_MS = 30_000;

/** The first installation of Chromium downloads 100 MB. */
const INSTALL_LIMIT_MS = 600_000;

/** Height of the window in CSS pixels. */
export const HEIGHT = 800;

export interface VisitOptions {
  readonly theme?: 'light' | 'dark';
  /** In CSS pixels. Default: 1200. */
  readonly width?: number;
  /** The user. Default: none. */
  readonly person?: { readonly userId: string; readonly userName: string } | undefined;
}

/** Opens a page of the edge in a fresh profile. */
export type Visit = (path: string, options?: VisitOptions) => Promise<Page>;

/** The browser of the whole run, which ends with the process. */
let started: Promise<Browser> | undefined;

function launch(): Promise<Browser> {
  // Chromium's sandbox does not run as root. The tests visit no foreign pages.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: findChromium(), args });
}

/**
 * Gives the tests of a file a browser. Closes all pages after each test. A test fails if a page logs an error, as for a violation of
 * its Content-Security-Policy.
 *
 * @returns a function that opens a page of the edge in a fresh profile
 */
export function useBrowser(): Visit {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  const pageErrors: string[] = [];
  beforeAll(async () => {
    started ??= launch();
    browser = await started;
  }, INSTALL_LIMIT_MS);
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    expect(pageErrors.splice(0)).toEqual([]);
  });
  return async (path, { theme = 'light', width = 1200, person } = {}) => {
    const context = await browser.newContext({
      baseURL: edge.url,
      colorScheme: theme,
      viewport: { width, height: HEIGHT },
      locale: 'en-GB',
    });
    contexts.push(context);
    context.setDefaultTimeout(LIMIT_MS);
    if (person !== undefined) await context.addInitScript((text) => localStorage.setItem('rentmesh.person', text), JSON.stringify(person));
    const page = await context.newPage();
    page.on('pageerror', (error) => pageErrors.push(String(error)));
    page.on('console', (message) => {
      // Browsers log every response above 399. Tests provoke some.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) pageErrors.push(message.text());
    });
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
}

/** Saves a screenshot of the whole page to .rentmesh/screenshots if RENTMESH_SCREENSHOTS is `yes`, for review by people. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env.RENTMESH_SCREENSHOTS !== 'yes') return;
  await page.screenshot({ path: join(home, 'screenshots', `${name}.png`), fullPage: true, animations: 'disabled' });
}

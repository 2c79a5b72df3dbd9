import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { home } from '../../../dev/paths.mjs';
import { edge } from '../../support/instance.ts';
import { findChromium } from './chromium.ts';

/** How long a page may take for anything that a test waits for, in milliseconds: generous for a busy machine. */
const LIMIT_MS = 30_000;

/** A first installation of Chromium fetches a hundred megabytes. */
const INSTALL_LIMIT_MS = 600_000;

/** Who looks, and through what. */
export interface Looker {
  readonly theme?: 'light' | 'dark';
  /** In CSS pixels; 1200 if it is not given. */
  readonly width?: number;
  /** Who he says he is; a stranger if it is not given. */
  readonly person?: { readonly userId: string; readonly userName: string };
}

/**
 * A browser for the tests of a file. Everything that is opened is closed after each test, which fails if a page has written an error of its
 * own or has broken its Content-Security-Policy.
 *
 * @returns what opens a page of the tested system in a fresh profile
 */
export function useBrowser(): (path: string, looker?: Looker) => Promise<Page> {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  const mistakes: string[] = [];
  beforeAll(async () => {
    // Chromium's own sandbox does not run as root; what is looked at is ours.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ executablePath: findChromium(), args });
  }, INSTALL_LIMIT_MS);
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    expect(mistakes.splice(0)).toEqual([]);
  });
  afterAll(async () => await browser?.close());
  return async (path, { theme = 'light', width = 1200, person } = {}) => {
    const context = await browser.newContext({ baseURL: edge.url, colorScheme: theme, viewport: { width, height: 800 }, locale: 'en-GB' });
    contexts.push(context);
    context.setDefaultTimeout(LIMIT_MS);
    if (person !== undefined) await context.addInitScript((text) => localStorage.setItem('rentmesh.person', text), JSON.stringify(person));
    const page = await context.newPage();
    page.on('pageerror', (error) => mistakes.push(String(error)));
    page.on('console', (message) => {
      // A browser reports every answer above 399 as an error; what becomes of them is tested where they are provoked.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) mistakes.push(message.text());
    });
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
}

/** Keeps a picture of the whole page as build output, to be looked at by people. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(home, 'screenshots', `${name}.png`), fullPage: true, animations: 'disabled' });
}

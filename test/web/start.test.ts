import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { systems } from '../../dev/systems/systems.ts';
import { violations } from './support/axe.ts';
import { useBrowser } from './support/browser.ts';
import { runningSystems } from './support/page.ts';
import { expectPresentable, inEachLook } from './support/presentable.ts';

const visit = useBrowser();

/** Makes the gateway's answer name other systems, as after `npm run up -- NAME`. */
async function pretend(page: Page, names: readonly string[]): Promise<void> {
  await page.route('**/app/systems.json', (route) => route.fulfill({ json: names }));
}

describe('the start page', () => {
  it('goes straight to the only system that runs, without a step in the history', async () => {
    const [only = '', ...others] = await runningSystems();
    expect(others).toEqual([]);
    const page = await visit('/');
    await page.waitForURL(`**/app/${only}/`);
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Mesh' }).click();
    await page.getByRole('heading', { level: 1, name: 'Mesh' }).waitFor();
    await page.goBack();
    await page.waitForURL(`**/app/${only}/`);
  });

  it('lists several systems; axe-core finds nothing, and nothing is cut off', async () => {
    const [first = ''] = await runningSystems();
    const page = await visit('/app/nowhere');
    await pretend(page, [first, 'another']);
    await page.goto('/app/');
    await inEachLook(page, async (look) => {
      await page.getByRole('heading', { level: 2, name: 'another' }).waitFor();
      await expectPresentable(page, 'start', look);
      await page.getByRole('link', { name: /^Open/ }).first().click();
      await page.waitForURL(`**/app/${first}/`);
      await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Systems' }).click();
      await page.getByRole('heading', { level: 1, name: 'Systems' }).waitFor();
    });
  });

  it('says how to add a system where none runs, and names a system that does not run', async () => {
    const [first = ''] = await runningSystems();
    const page = await visit('/app/nowhere');
    await pretend(page, []);
    await page.goto('/app/');
    await page.getByRole('heading', { name: 'No system runs' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.goto(`/app/${first}/`);
    await page.getByText(`npm run up -- ${first}`).waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

it('the API page shows only the systems that run', async () => {
  const page = await visit('/docs');
  const links = (system: string) => page.getByRole('link', { name: new RegExp(`^${system} / `) });
  await links('rentmesh').first().waitFor();
  const running = await runningSystems();
  for (const name of running) expect(await links(name).count(), name).toBeGreaterThan(0);
  const others = systems.map(({ name }) => name).filter((name) => !running.includes(name));
  expect(others).not.toEqual([]);
  for (const name of others) expect(await links(name).count(), name).toBe(0);
});

it('an unknown address is named as such; axe-core finds nothing, and nothing is cut off', async () => {
  const page = await visit('/app/nowhere');
  await page.getByText('There is no such page').waitFor();
  await inEachLook(page, (look) => expectPresentable(page, 'no-page', look));
});

describe('the theme', () => {
  const ground = 'getComputedStyle(document.documentElement).backgroundColor';

  it('follows the system, and the choice of the person beats it and is remembered', async () => {
    const page = await visit('/app/nowhere', { theme: 'light' });
    const light = await page.evaluate(ground);
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await page.evaluate(ground);
    expect(dark).not.toBe(light);
    await page.getByRole('radio', { name: 'Light' }).check({ force: true });
    expect(await page.evaluate(ground)).toBe(light);
    await page.reload();
    expect(await page.evaluate(ground)).toBe(light);
    await page.getByRole('radio', { name: 'As the system' }).check({ force: true });
    expect(await page.evaluate(ground)).toBe(dark);
  });
});

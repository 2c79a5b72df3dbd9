import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { askAdmin } from '../../dev/laptop/admin.ts';
import { adminSocketOf } from '../../dev/laptop/topology.ts';
import { carNames, expectNoFaults, observer } from '../mesh/support/observer.ts';
import { eventually } from '../support/eventually.ts';
import { control, system } from '../support/instance.ts';
import { get } from '../support/rest.ts';
import { violations } from './support/axe.ts';
import { picture, useBrowser } from './support/browser.ts';
import { expectPresentable, inEachLook } from './support/presentable.ts';

const visit = useBrowser();

/** A demonstration with another replica of car takes up to this long on a busy machine. */
const PLAY_LIMIT_MS = 90_000;

/** Keeps what is told to those who do not see the page. */
const LISTEN = `{
  const live = document.querySelector('[role=status].unseen');
  window.said = [];
  new MutationObserver(() => said.push(live.textContent)).observe(live, { childList: true, subtree: true, characterData: true });
}`;

/** Opens the page and waits until it shows the mesh. */
async function visitMesh(looker: Parameters<typeof visit>[1] = {}): Promise<Page> {
  const page = await visit('/app/mesh', looker);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

/** The line of the picture for the calls between two workloads: what is pressed. */
function line(page: Page, from: string, to: string) {
  return page.getByRole('button', { name: `Calls from ${from} to ${to}` });
}

/** The same with its label. */
function labelled(page: Page, from: string, to: string) {
  return page.locator('.mesh-link').filter({ has: line(page, from, to) });
}

/** The row of the table for calls. */
function row(page: Page, name: string) {
  return page.getByRole('table', { name: 'Calls in the last second' }).getByRole('row', { name: new RegExp(`^${name} `) });
}

afterEach(async () => {
  await observer.stopDemonstration();
});

describe('the mesh page', () => {
  it('shows calls that are made, in the picture and in the table', async () => {
    const page = await visitMesh();
    await eventually('the calls are shown', async () => {
      for (let i = 0; i < 20; i++) await get('/rentcar/cars');
      expect(await labelled(page, 'edge', 'rentcar/car').textContent()).toMatch(/\d\/s/);
      expect(await row(page, 'edge → rentcar/car').textContent()).toMatch(/[1-9]\d*\/s100%/);
    });
    await picture(page, 'mesh-calls');
  });

  it('shows the calls that are chosen by keyboard, and the lines of the policies that decide them', async () => {
    const page = await visitMesh();
    await line(page, 'edge', 'rentcar/rental').focus();
    await page.keyboard.press('Enter');
    const details = page.getByRole('region', { name: 'edge to rentcar/rental' });
    await details
      .getByText(/rentcar\/rental\.yaml:\d+/)
      .first()
      .waitFor();
    await details.getByLabel('Method').selectOption({ label: 'ListRentals' });
    await details.locator('mark', { hasText: 'timeout: 2s' }).waitFor();
    expect(await line(page, 'edge', 'rentcar/rental').getAttribute('aria-pressed')).toBe('true');
    await picture(page, 'mesh-chosen');
  });

  it(
    'plays a demonstration: the circuit opens and closes again, is told aloud, and everything is as it was',
    async () => {
      const page = await visitMesh();
      await page.evaluate(LISTEN);
      await page.getByRole('button', { name: 'Play Circuit' }).click();
      await page.getByText(/^Circuit open: edge → rentcar\/reservation$/).waitFor({ timeout: PLAY_LIMIT_MS });
      expect(await violations(page)).toEqual([]);
      await picture(page, 'mesh-circuit-open');
      await page.getByText(/^Played to the end/).waitFor({ timeout: PLAY_LIMIT_MS });
      const findings = page.getByRole('list', { name: 'Promises and observations' });
      expect(await findings.getByRole('listitem').count()).toBeGreaterThan(5);
      await page.getByText('All circuits closed').waitFor();
      await page.getByRole('listitem').filter({ hasText: 'Circuit closed: edge → rentcar/reservation, reserve.' }).first().waitFor();
      const said = await page.evaluate<string[]>('said');
      expect(said.some((text) => text.includes('Circuit open: edge → rentcar/reservation, reserve'))).toBe(true);
      expect(said.some((text) => text.includes('Circuit closed: edge → rentcar/reservation, reserve.'))).toBe(true);
      await page.getByText('Second by second, as a table').click();
      await picture(page, 'mesh-circuit-closed');
      const seconds = await page.getByRole('region', { name: 'Second by second' }).getByRole('row').allTextContents();
      expect(seconds.some((text) => /slow.*edge → rentcar\/reservation\/reserve/.test(text))).toBe(true);
      expect(await carNames()).toEqual(['rentcar/car-1']);
      await expectNoFaults();
    },
    2 * PLAY_LIMIT_MS,
  );

  it('shows an ejected replica in words, and stops the demonstration when it is told to', async () => {
    const page = await visitMesh({ theme: 'dark' });
    await page.getByRole('button', { name: 'Play Ejection' }).click();
    await page.getByText(/^Ejected: rentcar\/car-2$/).waitFor({ timeout: PLAY_LIMIT_MS });
    await page.getByRole('button', { name: 'Stop ejection' }).click();
    await page.getByText(/^Stopped\. Everything that it changed is as before/).waitFor({ timeout: PLAY_LIMIT_MS });
    await picture(page, 'mesh-ejected-dark');
    expect(await carNames()).toEqual(['rentcar/car-1']);
    await expectNoFaults();
  });

  it('says what to use where there is no observer, and goes on when it is back', async () => {
    await control.stop('rentmesh/observer-1');
    try {
      const page = await visit('/app/mesh');
      await page.getByRole('heading', { name: 'No observer answers here' }).waitFor();
      await page.getByText('Kiali').waitFor();
      expect(await violations(page)).toEqual([]);
      await picture(page, 'mesh-no-observer');
      await control.start('rentmesh/observer-1');
      await page.getByText('Live', { exact: true }).waitFor();
    } finally {
      await control.start('rentmesh/observer-1');
    }
  });

  it('asks no sidecar while nobody looks', async () => {
    const answered = async () => Number(/downstream_rq_completed: (\d+)/.exec(await adminStats())?.[1]);
    const page = await visitMesh();
    await eventually('the sidecars are asked', async () => {
      const before = await answered();
      await page.waitForTimeout(1500);
      expect(await answered()).toBeGreaterThan(before + 1);
    });
    await page.close();
    await eventually('they are asked no more', async () => {
      const before = await answered();
      await new Promise((resolve) => setTimeout(resolve, 2500));
      // The question itself is one.
      expect(await answered()).toBe(before + 1);
    });
  });
});

/** How many questions the admin interface of rental's sidecar has answered, as it tells itself. */
async function adminStats(): Promise<string> {
  const address = system.pods.find(({ name }) => name === 'rentcar/rental-1')?.workload.address ?? '';
  const path = `/stats?filter=${encodeURIComponent('^http\\.admin\\.downstream_rq_completed$')}`;
  return await askAdmin(adminSocketOf(system, { address }), path, 10_000);
}

it('the mesh page, on a desk in daylight and on a phone at night: axe-core finds nothing, and every line can be pressed', async () => {
  const page = await visitMesh();
  await page.getByText('What decides it').waitFor();
  const looks = [
    { theme: 'light', width: 1440 },
    { theme: 'dark', width: 360 },
  ] as const;
  const pressAll = async () => {
    for (const button of await page.locator('.mesh-link [role=button]').all()) await button.press('Enter');
  };
  await inEachLook(page, (look) => expectPresentable(page, 'mesh', look).then(pressAll), looks);
});

it('the mesh page does not move for those who want nothing to move', async () => {
  const page = await visitMesh();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await eventually('calls are shown, and nothing moves', async () => {
    for (let i = 0; i < 5; i++) await get('/rentcar/cars');
    expect(await page.locator('.mesh-link.busy').count()).toBeGreaterThan(0);
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { edge } from '../support/instance.ts';
import { registerCar } from '../support/rentcar.ts';
import { overflow, violations } from './support/axe.ts';
import { picture, useBrowser } from './support/browser.ts';

const visit = useBrowser();

/** What axe-core finds in the viewer itself (@scalar/api-reference), which is not ours to write: icons as buttons without a name. */
const OF_THE_VIEWER = /^button-name /;

describe.each([
  { theme: 'light', width: 1200 },
  { theme: 'dark', width: 360 },
] as const)('the API page, $theme, $width pixels wide', ({ theme, width }) => {
  it('is there with nothing cut off, and axe-core finds nothing in it that is ours', async () => {
    const page = await visit('/docs', { theme, width });
    // What is further down is drawn when it is scrolled to.
    await page.getByText('Every method of this page').waitFor();
    await picture(page, `api-${theme}-${width}`);
    expect(await overflow(page)).toBe(0);
    expect((await violations(page)).filter((each) => !OF_THE_VIEWER.test(each))).toEqual([]);
  });
});

describe('the API page', () => {
  it('sends a request that is tried to the edge that it comes from, and nothing to anybody else', async () => {
    await registerCar(1);
    const page = await visit('/docs');
    const elsewhere: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(edge.url) && /^https?:/.test(request.url())) elsewhere.push(request.url());
    });
    await page
      .getByRole('button', { name: /test request/i })
      .first()
      .click();
    const answer = page.waitForResponse((response) => response.url().startsWith(`${edge.url}/rentcar/cars`));
    await page.getByRole('button', { name: /^send/i }).first().click();
    const response = await answer;
    expect(response.status()).toBe(200);
    expect(await response.json()).toMatchObject({
      cars: expect.arrayContaining([expect.objectContaining({ carName: expect.any(String) })]),
    });
    await page.getByText('200 OK').first().waitFor();
    expect(elsewhere).toEqual([]);
  });
});

import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { edge } from '../support/instance.ts';
import { useBrowser } from './support/browser.ts';
import { runningSystems } from './support/page.ts';

const visit = useBrowser();

/** Limit of the first page, compressed as served: everything that the browser fetches. */
const BUDGET_BYTES = 150_000;

/** Compressed bytes of all responses for a page. */
const LOADED = `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`;

/** GET with the path exactly as given: `fetch` resolves `..` before it sends. */
function getVerbatim(path: string): Promise<{ status: number | undefined; body: string }> {
  const { hostname: host, port } = new URL(edge.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the web app', () => {
  it('has a first page that weighs less than 150 kB', async () => {
    const page = await visit('/');
    await page.waitForURL(/\/app\/[a-z]+\/$/);
    await page.waitForLoadState('networkidle');
    const loaded = Number(await page.evaluate(LOADED));
    console.log(`  the first page weighs ${(loaded / 1000).toFixed(1)} kB`);
    expect(loaded).toBeGreaterThan(10_000);
    expect(loaded).toBeLessThan(BUDGET_BYTES);
  });

  it('loads the pages of a system only when one is opened', async () => {
    const page = await visit('/app/nowhere');
    const systems = await runningSystems();
    await page.route('**/app/systems.json', (route) => route.fulfill({ json: [...systems, 'another'] }));
    const scripts = async () =>
      Number(await page.evaluate(`performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).length`));
    await page.goto('/app/');
    await page.getByRole('link', { name: /^Open/ }).first().waitFor();
    const before = await scripts();
    await page.getByRole('link', { name: /^Open/ }).first().click();
    await page.waitForURL(`**/app/${systems[0]}/`);
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Systems' }).waitFor();
    await eventually('the bundle of the system is loaded', async () => expect(await scripts()).toBeGreaterThan(before));
  });

  it('comes compressed, tagged and under a strict policy, and is not sent twice', async () => {
    const first = await fetch(`${edge.url}/app/`, { headers: { 'accept-encoding': 'br' } });
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
    });
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(`${edge.url}/app/`, { headers: { 'accept-encoding': 'br', 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  it('shows only its own files', async () => {
    expect(await getVerbatim('/app/licenses.md')).toMatchObject({ status: 200, body: expect.stringContaining('## preact -') });
    const outside = ['image.binpb', '../package.json', 'web/../image.binpb'].flatMap((file) => [
      `/app/../${file}`,
      `/app/%2e%2e/${file}`,
      `/app/..%2f${file.replaceAll('/', '%2f')}`,
      `/app/assets/../../${file}`,
      `/app/./%2e%2E/${file}`,
    ]);
    for (const path of [...outside, '/app/assets/none.js']) expect(await getVerbatim(path), path).toMatchObject({ status: 404 });
  });

  it('comes with the licences of what others wrote in it, as the API page does', async () => {
    const textOf = async (path: string) => await (await fetch(`${edge.url}${path}`)).text();
    const app = await textOf('/app/licenses.md');
    for (const part of ['## preact -', 'Redistribution and use', 'Version 2.0, January 2004']) expect(app).toContain(part);
    const docs = await textOf('/docs/viewer/licenses.md');
    for (const part of ['@scalar/api-reference', 'Copyright (c) 2023-present Scalar', '- vue ']) expect(docs).toContain(part);
  });
});

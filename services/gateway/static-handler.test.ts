import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compressFolder } from '../../dev/bootstrap/compress.mjs';
import { createListener, type Listener } from './listener.ts';
import { staticHandler } from './static-handler.ts';

const script = `console.log('${'many words '.repeat(50)}')`;
const folder = mkdtempSync(join(tmpdir(), 'rentmesh-pages-'));
let server: Listener;
let session: ClientHttp2Session;
let systems: ReadonlySet<string> = new Set(['one', 'two']);

async function build(name: string, page: string): Promise<void> {
  const draft = join(folder, `${name}.draft`);
  mkdirSync(join(draft, 'assets'), { recursive: true });
  writeFileSync(join(draft, 'index.html'), page);
  writeFileSync(join(draft, 'icon.svg'), '<svg/>');
  writeFileSync(join(draft, 'assets', 'index-abc.js'), script);
  writeFileSync(join(draft, '.stamp'), 'not for readers');
  await compressFolder(draft);
  rmSync(join(folder, name), { recursive: true, force: true });
  renameSync(draft, join(folder, name));
}

interface Received {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Received> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ':method': method, ...headers });
    const chunks: Buffer[] = [];
    let received: Record<string, unknown> = {};
    stream.on('response', (answer) => {
      received = answer;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () =>
      resolve({ status: Number(received[constants.HTTP2_HEADER_STATUS]), headers: received, body: Buffer.concat(chunks) }),
    );
    stream.end();
  });
}

/** The content of a file beside the served folders. */
const SECRET = 'content that is not served';

beforeAll(async () => {
  await build('app', '<title>app</title>');
  await build('docs', '<title>docs</title>');
  writeFileSync(join(folder, 'secret.txt'), SECRET);
  const document = join(folder, 'openapi.json');
  writeFileSync(document, JSON.stringify({ tags: [], paths: { '/one/things': {}, '/two/things': {} }, components: { schemas: {} } }));
  const handle = staticHandler({ app: join(folder, 'app'), docs: join(folder, 'docs'), document }, () => systems);
  server = createListener((exchange) => {
    if (!handle(exchange)) exchange.respond(418, {}, Buffer.from('not a page'));
  });
  session = connect(`http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`);
});

afterAll(() => {
  session.close();
  void server.close();
  rmSync(folder, { recursive: true });
});

describe('pages', () => {
  it('are the app at /app/ and at all routes of the app', async () => {
    for (const path of ['/app/', '/app/manage', '/app/reservations/1?page=2']) {
      const answer = await get(path);
      expect(answer.status, path).toBe(200);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(answer.body.toString()).toBe('<title>app</title>');
    }
  });

  it('are the API page at /docs, and the OpenAPI document at /openapi.json and /openapi.yaml', async () => {
    expect((await get('/docs')).body.toString()).toBe('<title>docs</title>');
    const json = await get('/openapi.json', { 'accept-encoding': 'gzip' });
    expect(json.headers).toMatchObject({ 'content-type': 'application/json', 'content-encoding': 'gzip', 'cache-control': 'no-cache' });
    expect(Object.keys(JSON.parse(gunzipSync(json.body).toString()).paths)).toEqual(['/one/things', '/two/things']);
    expect((await get('/openapi.yaml')).headers['content-type']).toBe('application/yaml');
    expect((await get('/openapi.json', { 'if-none-match': String(json.headers.etag), 'accept-encoding': 'gzip' })).status).toBe(304);
  });

  it('redirect from the root to the app', async () => {
    for (const path of ['/', '/app']) expect((await get(path)).headers).toMatchObject({ ':status': 302, location: '/app/' });
  });

  it('include /favicon.ico', async () => {
    expect((await get('/favicon.ico')).headers['content-type']).toBe('image/svg+xml');
  });

  it('do not handle other paths', async () => {
    for (const path of ['/rentcar/cars', '/application', '/docsy', '/openapi.xml']) expect((await get(path)).status, path).toBe(418);
  });

  it('return 404 for a missing file', async () => {
    for (const path of ['/app/assets/index-old.js', '/docs/none', '/app/.stamp', '/docs/openapi.json'])
      expect((await get(path)).status, path).toBe(404);
  });

  it('contain no file from outside their folders', async () => {
    const paths = [
      '/app/../secret.txt',
      '/app/%2e%2e/secret.txt',
      '/docs/..%2fsecret.txt',
      '/app//secret.txt',
      '/docs/%00',
      '/app/%zz.txt',
    ];
    for (const path of paths) {
      const answer = await get(path);
      expect(answer.status, path).toBe(404);
      expect(answer.body.toString(), path).not.toContain(SECRET);
    }
  });

  it('change after a new build', async () => {
    const before = (await get('/docs')).headers.etag;
    await build('docs', '<title>newer</title>');
    const answer = await get('/docs');
    expect(answer.body.toString()).toBe('<title>newer</title>');
    expect(answer.headers.etag).not.toBe(before);
  });
});

describe('a missing build', () => {
  it('is reported with the command that builds it', async () => {
    const none = join(folder, 'none');
    const handle = staticHandler({ app: none, docs: none, document: none }, () => systems);
    const empty = createListener((exchange) => void handle(exchange));
    const own = connect(`http://127.0.0.1:${await empty.listen('127.0.0.1', 0)}`);
    const statusOf = (path: string) =>
      new Promise((resolve) => own.request({ ':path': path }).on('response', (answer) => resolve(answer[':status'])));
    const statuses = await Promise.all(['/app/', '/docs', '/openapi.json'].map(statusOf));
    own.destroy();
    await empty.close();
    expect(statuses).toEqual([503, 503, 503]);
  });
});

describe('a client', () => {
  it.each([
    ['br, gzip', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['gzip, br;q=0', 'gzip', gunzipSync],
    ['*', 'br', brotliDecompressSync],
  ])('that accepts %s gets %s', async (accepted, coding, decompress) => {
    const answer = await get('/app/assets/index-abc.js', { 'accept-encoding': accepted });
    expect(answer.headers).toMatchObject({ 'content-encoding': coding, vary: 'accept-encoding' });
    expect(decompress(answer.body).toString()).toBe(script);
  });

  it('that accepts no coding gets identity', async () => {
    for (const headers of [{}, { 'accept-encoding': 'identity' }, { 'accept-encoding': 'br;q=0.0, gzip;q=0' }]) {
      const answer = await get('/app/assets/index-abc.js', headers);
      expect(answer.headers['content-encoding']).toBeUndefined();
      expect(answer.body.toString()).toBe(script);
    }
  });

  it('with a matching tag gets 304, for the same coding only', async () => {
    const etag = String((await get('/app/', { 'accept-encoding': 'br' })).headers.etag);
    const again = await get('/app/', { 'accept-encoding': 'br', 'if-none-match': `"other", W/${etag}` });
    expect(again).toMatchObject({ status: 304, headers: { etag } });
    expect(again.body).toHaveLength(0);
    const asset = String((await get('/app/assets/index-abc.js', { 'accept-encoding': 'br' })).headers.etag);
    expect((await get('/app/assets/index-abc.js', { 'if-none-match': asset })).status).toBe(200);
  });

  it('caches hashed files for a year, and revalidates others', async () => {
    expect((await get('/app/assets/index-abc.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await get('/app/')).headers['cache-control']).toBe('no-cache');
  });

  it('gets the headers of GET for HEAD', async () => {
    const [head, whole] = [await get('/app/', {}, 'HEAD'), await get('/app/')];
    expect(head.body).toHaveLength(0);
    expect(head.headers).toMatchObject({ ':status': 200, etag: whole.headers.etag, 'content-length': String(whole.body.length) });
  });

  it('gets 405 with the allowed methods otherwise', async () => {
    expect((await get('/app/', {}, 'POST')).headers).toMatchObject({ ':status': 405, allow: 'GET, HEAD' });
    expect((await get('/rentcar/cars', {}, 'POST')).status).toBe(418);
  });
});

describe('a browser', () => {
  it('gets a Content-Security-Policy for the files of the app only', async () => {
    const policy = String((await get('/app/')).headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; connect-src 'self'");
    expect(policy).not.toMatch(/unsafe|data:|\*/);
  });

  it('gets security headers on every response', async () => {
    for (const path of ['/app/', '/docs', '/', '/app/none.js'])
      expect((await get(path)).headers, path).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
  });
});

it('the web app and readers of the OpenAPI document learn which systems run, also after a change', async () => {
  const names = async () => JSON.parse((await get('/app/systems.json')).body.toString());
  const paths = async () => Object.keys(JSON.parse((await get('/openapi.json')).body.toString()).paths);
  expect(await names()).toEqual(['one', 'two']);
  systems = new Set(['two']);
  expect(await names()).toEqual(['two']);
  expect(await paths()).toEqual(['/two/things']);
  expect((await get('/app/systems.json')).headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache' });
});

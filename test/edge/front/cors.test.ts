import { cors } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeSettings } from '../../../envoy/edge/settings.ts';
import { answer, type Front, startFront } from './envoy.ts';

/** Every kind of request that scripts make. */
const PATHS = ['/everything', '/everything/x', '/everything.v1.EverythingService/Take', '/'] as const;

/** Requests that came through. */
let passed = 0;
const backend: Parameters<typeof startFront>[0]['backend'] = (stream) => {
  passed++;
  answer(stream, [new Uint8Array()]);
};

async function preflight(front: Front, path: string, origin: string): Promise<Response> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,connect-protocol-version',
  };
  return await fetch(front.url + path, { method: 'OPTIONS', headers });
}

/** The items of a header that is a list. */
function list(response: Response, name: string): string[] {
  return (response.headers.get(name) ?? '').split(',').map((item) => item.trim().toLowerCase());
}

describe('without a setting', () => {
  let front: Front;
  beforeAll(async () => {
    front = await startFront({ backend });
  });
  afterAll(() => front[Symbol.asyncDispose]());

  it.each(PATHS)('a preflight for %s from a page of the own machine is answered by the edge itself', async (path) => {
    passed = 0;
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1', 'https://localhost:8443']) {
      const response = await preflight(front, path, origin);
      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
      expect(list(response, 'access-control-allow-methods')).toEqual(expect.arrayContaining(['get', 'post']));
      const own = ['authorization', 'idempotency-key', 'if-none-match', 'traceparent'];
      const needed = [...cors.allowedHeaders.map((name) => name.toLowerCase()), ...own];
      expect(list(response, 'access-control-allow-headers')).toEqual(expect.arrayContaining(needed));
    }
    expect(passed).toBe(0);
  });

  it.each(['https://evil.example', 'http://localhost.evil.example', 'http://evil.example/localhost', 'null'])(
    'a page of %s is not allowed, and nothing of its preflight is passed on',
    async (origin) => {
      passed = 0;
      for (const path of PATHS) {
        expect((await preflight(front, path, origin)).headers.get('access-control-allow-origin')).toBeNull();
      }
      expect(passed).toBe(0);
    },
  );

  it.each([
    ['an answer', '/everything.v1.EverythingService/Take'],
    ['a refusal of the edge', '/nothing'],
  ])('%s can be read by a script, with what the protocols and REST tell in headers', async (_, path) => {
    const headers = { origin: 'http://localhost:5173', 'content-type': 'application/json' };
    const response = await fetch(front.url + path, { method: 'POST', headers, body: '{}' });
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    const needed = [...cors.exposedHeaders.map((name) => name.toLowerCase()), 'etag', 'retry-after'];
    expect(list(response, 'access-control-expose-headers')).toEqual(expect.arrayContaining(needed));
  });
});

describe('with a setting', () => {
  it('only the origins that it names are allowed', async () => {
    await using front = await startFront({
      backend,
      settings: edgeSettings({ CORS_ORIGINS: 'https://shop.example, https://b.example:8443' }),
    });
    const allowed = async (origin: string) => (await preflight(front, '/everything', origin)).headers.get('access-control-allow-origin');
    expect(await allowed('https://shop.example')).toBe('https://shop.example');
    expect(await allowed('https://b.example:8443')).toBe('https://b.example:8443');
    expect(await allowed('https://b.example')).toBeNull();
    expect(await allowed('http://localhost:5173')).toBeNull();
  });

  it('all are allowed by an asterisk, and none by nothing', () => {
    expect(edgeSettings({ CORS_ORIGINS: '*' }).corsOrigins).toEqual(['*']);
    expect(edgeSettings({ CORS_ORIGINS: '' }).corsOrigins).toEqual([]);
    expect(edgeSettings({}).corsOrigins).toBeUndefined();
  });

  it('what is no origin is told', () => {
    for (const wrong of ['shop.example', 'https://shop.example/', 'https://shop.example/page', '**'])
      expect(() => edgeSettings({ CORS_ORIGINS: wrong })).toThrow(`CORS_ORIGINS: "${wrong}" is not an origin`);
  });
});

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeSettings } from '../../../envoy/edge/settings.ts';
import { answer, type Front, frameOf, startFront } from './envoy.ts';

/** Requests that reached the mesh. */
let passed = 0;
const backend: Parameters<typeof startFront>[0]['backend'] = (stream) => {
  passed++;
  answer(stream, [new Uint8Array()]);
};

interface Reply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Sends a request with exactly these headers, which fetch would not all let pass. */
async function send(front: Front, method: string, path: string, headers: Record<string, string>, body?: string | Buffer): Promise<Reply> {
  return await new Promise((resolve, reject) => {
    const sent = request({ host: front.host, port: front.port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Forms in which a page of another site can send a request without asking first, and the other content types. */
const CONTENT_TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json',
  'application/proto',
] as const;

const FOREIGN: readonly Record<string, string>[] = [
  { 'sec-fetch-site': 'cross-site' },
  { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  { origin: 'https://evil.example' },
  { origin: 'http://localhost.evil.example' },
  { origin: 'null', 'sec-fetch-site': 'cross-site' },
  // A page of another site within a site of several hosts.
  { origin: 'https://evil.example', 'sec-fetch-site': 'same-site' },
];

describe('a page of another site', () => {
  let front: Front;
  beforeAll(async () => {
    front = await startFront({ backend });
  });
  afterAll(() => front[Symbol.asyncDispose]());

  it.each(FOREIGN)('changes nothing by REST, whatever the content type: %j', async (headers) => {
    passed = 0;
    for (const type of CONTENT_TYPES) {
      const reply = await send(front, 'POST', '/everything', { ...headers, 'content-type': type }, '{}');
      expect(reply.status).toBe(403);
      expect(JSON.parse(reply.body.toString())).toMatchObject({ code: 7, details: [{ reason: 'CROSS_SITE' }] });
    }
    expect((await send(front, 'POST', '/everything', headers)).status).toBe(403);
    expect(passed).toBe(0);
  });

  it.each(FOREIGN)('changes nothing by Connect, and is answered in its form: %j', async (headers) => {
    passed = 0;
    const path = '/everything.v1.EverythingService/Take';
    const reply = await send(front, 'POST', path, { ...headers, 'content-type': 'application/json' }, '{}');
    expect(reply.status).toBe(403);
    expect(JSON.parse(reply.body.toString())).toMatchObject({ code: 'permission_denied' });
    expect(passed).toBe(0);
  });

  it('changes nothing by gRPC-Web or gRPC', async () => {
    passed = 0;
    const path = '/everything.v1.EverythingService/Take';
    for (const type of ['application/grpc-web+proto', 'application/grpc+proto']) {
      const headers = { origin: 'https://evil.example', 'content-type': type };
      const reply = await send(front, 'POST', path, headers, frameOf(new Uint8Array()));
      const status = reply.headers['grpc-status'] ?? /grpc-status: (\d+)/.exec(reply.body.toString())?.[1];
      expect(status).toBe('7');
    }
    expect(passed).toBe(0);
  });

  it('reads pages, which a link may lead to', async () => {
    expect((await send(front, 'GET', '/app/', { 'sec-fetch-site': 'cross-site' })).status).toBe(200);
  });
});

describe('these clients are served as before', () => {
  it.each([
    ['a client that is no browser', {}],
    ['a page of the edge itself', { origin: 'http://localhost:8088', 'sec-fetch-site': 'same-origin' }],
    ['a page of the own machine', { origin: 'http://localhost:5173', 'sec-fetch-site': 'same-site' }],
    ['a person who enters an address', { 'sec-fetch-site': 'none' }],
  ])('%s', async (_, headers) => {
    await using front = await startFront({ backend });
    expect((await send(front, 'POST', '/everything', { ...headers, 'content-type': 'text/plain' }, '{}')).status).toBe(200);
  });

  it('a page that CORS_ORIGINS names, and pages of the edge beside it', async () => {
    await using front = await startFront({ backend, settings: { corsOrigins: ['https://shop.example'], hosts: ['edge.example'] } });
    const status = async (headers: Record<string, string>) => (await send(front, 'POST', '/everything', headers, '{}')).status;
    expect(await status({ origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' })).toBe(200);
    expect(await status({ origin: 'http://localhost:8088', 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await status({ origin: 'https://edge.example:8443' })).toBe(200);
    expect(await status({ origin: 'https://edge.example.evil.example' })).toBe(403);
    expect(await status({ origin: 'http://localhost:5173', 'sec-fetch-site': 'same-site' })).toBe(403);
  });
});

describe('a host name', () => {
  it.each(['/everything/x', '/app/', '/everything.v1.EverythingService/Take', '/nothing'])(
    'that is not of the edge reads nothing: %s',
    async (path) => {
      await using front = await startFront({ backend, settings: { hosts: ['shop.example'] } });
      passed = 0;
      for (const host of ['evil.example', 'evil.example:8088', 'localhost.evil.example', '127.0.0.1.evil.example', '10.1.2.3']) {
        const reply = await send(front, 'GET', path, { host });
        expect(reply.status).toBe(421);
        expect(reply.body.toString()).toContain('not a host name of the edge');
      }
      expect(passed).toBe(0);
      for (const host of ['localhost', 'localhost:8088', '127.0.0.1:1', '[::1]:8088', 'shop.example', 'SHOP.example:443'])
        expect((await send(front, 'GET', '/app/', { host })).status).toBe(200);
    },
  );

  it('is configured without a port, and an asterisk allows all', async () => {
    expect(edgeSettings({ EDGE_HOSTS: 'shop.example, [2001:db8::1],Other' }).hosts).toEqual(['shop.example', '[2001:db8::1]', 'other']);
    expect(edgeSettings({}).hosts).toEqual([]);
    for (const wrong of ['shop.example:80', 'https://shop.example', '*.example'])
      expect(() => edgeSettings({ EDGE_HOSTS: wrong })).toThrow(`EDGE_HOSTS: "${wrong}" is not a host name`);
    await using front = await startFront({ backend, settings: { hosts: ['*'] } });
    expect((await send(front, 'GET', '/app/', { host: 'any.example' })).status).toBe(200);
  });
});

describe('the public surface', () => {
  it('has no reflection and no API page where they are switched off', async () => {
    const off = edgeSettings({ EDGE_REFLECTION: 'off', EDGE_API_PAGE: 'off' });
    await using front = await startFront({ backend, settings: off });
    passed = 0;
    for (const path of ['/docs', '/docs/', '/openapi.json']) expect((await send(front, 'GET', path, {})).status).toBe(404);
    const reflection = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const reply = await send(front, 'POST', reflection, { 'content-type': 'application/grpc' }, frameOf(new Uint8Array()));
    expect(reply.headers['grpc-status']).toBe('12');
    expect(passed).toBe(0);
    expect((await send(front, 'GET', '/app/', {})).status).toBe(200);
  });

  it('is set by on or off alone', () => {
    expect(() => edgeSettings({ EDGE_REFLECTION: 'no' })).toThrow('EDGE_REFLECTION: "no" is neither on nor off');
    expect(() => edgeSettings({ EDGE_TRUSTED_HOPS: '-1' })).toThrow('EDGE_TRUSTED_HOPS: "-1" is not a whole number, 0 or more');
  });
});

import { describe, expect, it } from 'vitest';
import { answer, type Front, frameOf, startFront } from './envoy.ts';

const backend: Parameters<typeof startFront>[0]['backend'] = (stream) => answer(stream, [new Uint8Array()]);
/** Two requests at once, then one per second. */
const settings = { requestsPerSecond: 1 };

/** The statuses of requests for a page, one after the other. */
async function statuses(front: Front, count: number, headers: Record<string, string> = {}): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push((await fetch(`${front.url}/app/`, { headers })).status);
  return found;
}

describe('a client address', () => {
  it('that sends more requests than allowed is told to come back later, in the form of its protocol', async () => {
    await using front = await startFront({ backend, settings });
    // More than the bucket holds and than it gains in the meantime.
    expect(await statuses(front, 12)).toContain(429);
    const refused = async (path: string, type: string, body: string | Buffer) => {
      for (;;) {
        const response = await fetch(front.url + path, { method: 'POST', headers: { 'content-type': type }, body });
        const content = await response.text();
        if (response.headers.get('retry-after') !== null) return { response, content };
      }
    };
    const rest = await refused('/everything', 'application/json', '{}');
    expect(rest.response.status).toBe(429);
    expect(rest.response.headers.get('retry-after')).toBe('1');
    expect(JSON.parse(rest.content)).toMatchObject({ code: 8, details: [{ reason: 'RATE_LIMITED' }, { retryDelay: '1s' }] });
    const path = '/everything.v1.EverythingService/Take';
    expect(JSON.parse((await refused(path, 'application/json', '{}')).content)).toMatchObject({ code: 'resource_exhausted' });
    const web = await refused(path, 'application/grpc-web+proto', frameOf(new Uint8Array()));
    expect(web.content).toContain('grpc-status: 8');
  });

  it('has a bucket of its own, and that of a client behind a trusted proxy is the one that the proxy saw', async () => {
    await using front = await startFront({ backend, settings: { ...settings, trustedHops: 1 } });
    const from = (address: string) => ({ 'x-forwarded-for': address });
    expect(await statuses(front, 12, from('192.0.2.1'))).toContain(429);
    expect(await statuses(front, 2, from('192.0.2.2'))).toEqual([200, 200]);
    // What a client has written itself stands before what the proxy has added.
    expect(await statuses(front, 12, from('198.51.100.7, 192.0.2.3'))).toContain(429);
    expect(await statuses(front, 2, from('198.51.100.8, 192.0.2.4'))).toEqual([200, 200]);
  });

  it('cannot choose its address', async () => {
    await using front = await startFront({ backend, settings });
    const found: number[] = [];
    for (let i = 0; i < 12; i++) found.push(...(await statuses(front, 1, { 'x-forwarded-for': `192.0.2.${i}` })));
    expect(found).toContain(429);
  });
});

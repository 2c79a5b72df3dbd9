import { get as httpGet, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, type Front, messagesIn, startFront } from './envoy.ts';

/** A GetResponse with the name `now`. */
const ANSWER = Buffer.from([0x0a, 3, ...Buffer.from('now')]);

let front: Front;
/** What the service tells as its ETag. */
let etag: string | undefined;

beforeAll(async () => {
  front = await startFront({
    backend: async (stream, headers) => {
      await messagesIn(stream);
      expect(headers['if-none-match'], 'the condition is not told to the service').toBeUndefined();
      answer(stream, [ANSWER], etag === undefined ? {} : { etag });
    },
  });
});
afterAll(() => front[Symbol.asyncDispose]());

/** Not fetch, which answers a 304 from what it has kept, and cannot send a header twice. */
async function get(ifNoneMatch: string | string[] | undefined): Promise<{ response: IncomingMessage; text: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    // A header given twice goes out as two lines.
    const headers = ifNoneMatch === undefined ? [] : [ifNoneMatch].flat().flatMap((value) => ['if-none-match', value]);
    httpGet(`${front.url}/everything/x`, { headers: ['host', new URL(front.url).host, ...headers] }, resolve).on('error', reject);
  });
  return { response, text: Buffer.concat(await response.toArray()).toString() };
}

describe('GET of what has an ETag', () => {
  it.each([
    ['the same tag', '"7"', '"7"'],
    ['a weak tag for a strong one', '"7"', 'W/"7"'],
    ['a strong tag for a weak one', 'W/"7"', '"7"'],
    ['a list with the tag', '"7"', '"6", W/"7" ,"8"'],
    ['a list in two headers', '"7"', ['"6"', '"7"']],
    ['a tag with a comma', '"6,7"', '"5", "6,7"'],
    ['anything', '"7"', '*'],
  ])('is 304 without a body where If-None-Match has %s', async (_, told, asked) => {
    etag = told;
    const { response, text } = await get(asked);
    expect(response.statusCode).toBe(304);
    expect(text).toBe('');
    expect(response.headers.etag).toBe(told);
    expect(response.headers).not.toHaveProperty('content-type');
    expect(response.headers).not.toHaveProperty('content-length');
  });

  it.each([
    ['another tag', '"8"'],
    ['a list without the tag', '"6", "8"'],
    ['a part of the tag', '"77"'],
    ['no tag', 'nonsense'],
    ['a tag without quotes', '7'],
    ['nothing', undefined],
  ])('is the whole answer where If-None-Match has %s', async (_, asked) => {
    etag = '"7"';
    const { response, text } = await get(asked);
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(text)).toEqual({ name: 'now' });
    expect(response.headers).toMatchObject({ etag: '"7"', 'cache-control': 'no-cache' });
  });

  it('can be asked again and again on one connection', async () => {
    etag = '"7"';
    for (const [asked, status] of [
      ['"7"', 304],
      ['"6"', 200],
      ['"7"', 304],
    ] as const)
      expect((await get(asked)).response.statusCode).toBe(status);
  });
});

it('an answer without an ETag is whole, whatever is asked', async () => {
  etag = undefined;
  const { response } = await get('*');
  expect(response.statusCode).toBe(200);
  expect(response.headers).not.toHaveProperty('cache-control');
});

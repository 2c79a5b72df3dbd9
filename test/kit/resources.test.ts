import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { change, createOnce, get, list } from '#kit/rpc/resource.ts';
import type { CallContext } from '#kit/rpc/server.ts';
import { range } from '../support/eventually.ts';
import { make, sellTo, withToys } from './toys.ts';

const NOT_FOUND = { code: status.NOT_FOUND, reason: 'TOY_NOT_FOUND' };

/** The context of a call, as far as answers need it. */
function contextOf(idempotencyKey?: string, actingUser?: string) {
  const headers = new Map<string, string>();
  const context = { idempotencyKey, actingUser, headers, call: { getPath: () => '/test.toy.v1.ToyService/ListToys' } };
  // Only these are read.
  return { headers, context: context as unknown as CallContext };
}

describe('an entity', () => {
  it(
    'is read with an etag of its version, and with the numbers of enums',
    withToys(async ({ toys }) => {
      const id = randomUUID();
      await toys.add(id, make(id));
      const { headers, context } = contextOf();
      expect(await get(toys, id, context)).toMatchObject({ toyId: id, status: 1 });
      expect(headers.get('etag')).toBe('"1"');
      const absent = randomUUID();
      await expect(get(toys, absent, context)).rejects.toMatchObject({ ...NOT_FOUND, metadata: { toyId: absent } });
    }),
  );

  it(
    'is changed, or refused with the reason of the rule',
    withToys(async ({ toys }) => {
      const id = randomUUID();
      await toys.add(id, make(id));
      const sell = (toyId: string) => change(toys, toyId, sellTo('Anna'), { ALREADY_SOLD: 'was sold' });
      expect(await sell(id)).toMatchObject({ status: 2 });
      const refusal = { code: status.FAILED_PRECONDITION, reason: 'ALREADY_SOLD', message: `toy ${id} was sold`, metadata: { toyId: id } };
      await expect(sell(id)).rejects.toMatchObject(refusal);
      await expect(sell(randomUUID())).rejects.toMatchObject(NOT_FOUND);
    }),
  );

  it(
    'is created once per idempotency key and user',
    withToys(async ({ toys }) => {
      const key = randomUUID();
      const create = (name: string, userId = 'anna') =>
        createOnce(toys, contextOf(key, userId).context, { create: (id) => make(id, name) });
      const [toy, again] = await Promise.all([create('bear'), create('bear')]);
      expect(again).toEqual(toy);
      await toys.change(toy.toyId, sellTo('Anna'));
      expect(await create('bear')).toMatchObject({ toyId: toy.toyId, status: 2 });
      await expect(create('cat')).rejects.toMatchObject({ code: status.ALREADY_EXISTS, reason: 'IDEMPOTENCY_KEY_REUSED' });
      expect((await create('bear', 'ben')).toyId).not.toBe(toy.toyId);
      const withoutKey = () => createOnce(toys, contextOf().context, { create: (id) => make(id) });
      expect((await withoutKey()).toyId).not.toBe((await withoutKey()).toyId);
    }),
  );

  it(
    'is listed page by page, by the filters that are given',
    withToys(async ({ toys }) => {
      // A list is in the order of creation times, and of ids where two have been created in the same millisecond.
      const ids = range(5)
        .map(() => randomUUID())
        .toSorted();
      for (const id of ids) await toys.add(id, make(id));
      const cat = randomUUID();
      await toys.add(cat, make(cat, 'cat'));
      await toys.change(ids[2] ?? '', sellTo('Anna'));
      const page = (filters: { name: string; status: 0 | 1 | 2 }, pageToken = '') =>
        list(toys, { pageSize: 2, pageToken, ...filters }, contextOf().context);
      const bears = { name: 'bear', status: 0 } as const;
      const found: string[] = [];
      for (let token: string | undefined; token !== ''; ) {
        const { toys: rows, nextPageToken } = await page(bears, token);
        found.push(...rows.map(({ toyId }) => toyId));
        token = nextPageToken;
      }
      expect(found).toEqual(ids);
      expect((await page({ name: '', status: 2 })).toys).toMatchObject([{ toyId: ids[2], status: 2 }]);
      const { nextPageToken } = await page(bears);
      await expect(page({ ...bears, status: 1 }, nextPageToken)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    }),
  );
});

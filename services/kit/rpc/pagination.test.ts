import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { CallContext } from './call.ts';
import { type ListRequest, pageOf } from './pagination.ts';

const TIME = new Date('2026-02-03T04:05:06.789Z');
const ID = '0190d3a0-0000-7000-8000-000000000000';

/** The context of a call of a method: only its path is used. */
function callOf(path: string): Pick<CallContext, 'call'> {
  return { call: { getPath: () => path } as CallContext['call'] };
}

const orders = callOf('/shop.order.v1.OrderService/ListOrders');
const first: ListRequest & { userId: string } = { pageSize: 1, pageToken: '', userId: 'anna' };

/** The token after one item of the orders of Anna. */
function tokenOf(cursor: readonly [Date, string, string]): string {
  return pageOf(first, orders, ['date', 'uuid', 'text']).nextPageToken([1], () => cursor);
}

const token = tokenOf([TIME, ID, 'ü "x"']);
const invalid = expect.objectContaining({
  code: status.INVALID_ARGUMENT,
  fieldViolations: [expect.objectContaining({ field: 'pageToken' })],
});

describe('a page', () => {
  it.each([
    [0, 20],
    [-1, 20],
    [1, 1],
    [100, 100],
    [101, 100],
  ])('of requested size %d has %d items at most', (pageSize, limit) => {
    expect(pageOf({ pageSize, pageToken: '' }, orders, ['uuid']).limit).toBe(limit);
  });

  it('continues after the last item of the page before, of any size', () => {
    for (const pageSize of [1, 50]) {
      const page = pageOf({ ...first, pageSize, pageToken: token }, orders, ['date', 'uuid', 'text']);
      expect(page.after).toEqual([TIME, ID, 'ü "x"']);
    }
  });

  it('is the first one without a token', () => {
    expect(pageOf(first, orders, ['uuid']).after).toBeUndefined();
  });

  it('that is not full is the last one', () => {
    const page = pageOf({ ...first, pageSize: 2 }, orders, ['uuid']);
    expect(page.nextPageToken([], () => [ID])).toBe('');
    expect(page.nextPageToken([1], () => [ID])).toBe('');
    expect(page.nextPageToken([1, 2], () => [ID])).not.toBe('');
  });
});

describe('a page token is refused', () => {
  const use = (pageToken: string, request: object = first, call = orders) =>
    pageOf({ ...first, ...request, pageToken }, call, ['date', 'uuid', 'text']);

  it('by another list', () => {
    expect(() => use(token, {}, callOf('/shop.order.v1.OrderService/ListReturns'))).toThrow(invalid);
  });

  it.each([{ userId: 'ben' }, { userId: '' }, { shop: 'x' }])('with other filters: %j', (filters) => {
    expect(() => use(token, filters)).toThrow(invalid);
  });

  it.each(['what is this?', Buffer.from('[1]').toString('base64url'), Buffer.from('{}').toString('base64url'), `${token}x`])(
    'if it is none: %s',
    (text) => {
      expect(() => use(text)).toThrow(invalid);
    },
  );

  it('with parts of another form', () => {
    const parts = JSON.parse(Buffer.from(token, 'base64url').toString()) as string[];
    const forged = (index: number, text: string) => Buffer.from(JSON.stringify(parts.with(index, text))).toString('base64url');
    expect(use(forged(3, 'other')).after).toEqual([TIME, ID, 'other']);
    for (const text of ['2026-02-30x', '0', '2026-13-01T00:00:00Z', 'infinity', ID]) expect(() => use(forged(1, text))).toThrow(invalid);
    expect(() => use(forged(2, TIME.toISOString()))).toThrow(invalid);
    expect(() => pageOf({ ...first, pageToken: token }, orders, ['date', 'uuid'])).toThrow(invalid);
  });
});

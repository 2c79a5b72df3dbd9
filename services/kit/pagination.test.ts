import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { decodePageToken, encodePageToken, pageSize } from './pagination.ts';

const TIME = '2026-02-03T04:05:06.789Z';
const ID = '0190d3a0-0000-7000-8000-000000000000';

describe('a page', () => {
  it.each([
    [0, 20],
    [-1, 20],
    [1, 1],
    [100, 100],
    [101, 100],
  ])('asked for with size %d has %d items at most', (requested, size) => {
    expect(pageSize(requested)).toBe(size);
  });
});

describe('a page token', () => {
  it('comes back as the cursor that it was made of', () => {
    expect(decodePageToken(encodePageToken([TIME, ID, 'ü "x"']), ['date', 'uuid', 'text'])).toEqual([TIME, ID, 'ü "x"']);
  });

  it('that is empty is the first page', () => {
    expect(decodePageToken('', ['uuid'])).toBeUndefined();
  });

  it.each([
    ['no token', 'what is this?'],
    ['JSON of another shape', encodePageToken([]).concat('e30')],
    ['numbers', Buffer.from('[1]').toString('base64url')],
    ['a token of another list', encodePageToken([TIME, ID])],
    ['a time where an id belongs', encodePageToken([TIME])],
  ])('that is %s is INVALID_ARGUMENT naming pageToken', (_, token) => {
    expect(() => decodePageToken(token, ['uuid'])).toThrow(
      expect.objectContaining({ code: status.INVALID_ARGUMENT, fieldViolations: [expect.objectContaining({ field: 'pageToken' })] }),
    );
  });

  it.each(['2026-02-30x', '0', '2026-13-01T00:00:00Z', 'infinity'])('with %s in place of a time is refused', (text) => {
    expect(() => decodePageToken(encodePageToken([text]), ['date'])).toThrow(expect.objectContaining({ code: status.INVALID_ARGUMENT }));
  });
});

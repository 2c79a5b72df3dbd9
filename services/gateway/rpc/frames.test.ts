import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameGuard, type FrameHeader, FrameReader, frameOf } from './frames.ts';

const message = fc.uint8Array({ maxLength: 300 });
const anything = () => undefined;

/** Splits bytes into chunks of the given sizes, cyclically. */
function* chunks(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('frames', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });

  it('survive any split into chunks', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), cuts, (messages, sizes) => {
        const reader = new FrameReader(anything);
        const read = [...chunks(Buffer.concat(messages.map((each) => frameOf(each, 1))), sizes)].flatMap((each) => reader.push(each));
        reader.end();
        expect(read.map(({ data }) => Buffer.from(data))).toEqual(messages.map((each) => Buffer.from(each)));
      }),
    );
  });

  it('are checked once each, by reader and guard', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), cuts, (messages, sizes) => {
        const bytes = Buffer.concat(messages.map((each) => frameOf(each, 1)));
        const expected = messages.map(({ byteLength }) => ({ flags: 1, length: byteLength }));
        for (const make of [FrameGuard, FrameReader]) {
          const seen: FrameHeader[] = [];
          const follower = new make((head) => void seen.push(head));
          for (const each of chunks(bytes, sizes)) follower.push(each);
          follower.end();
          expect(seen).toEqual(expected);
        }
      }),
    );
  });

  it('are refused before their message arrives', () => {
    for (const make of [FrameGuard, FrameReader]) {
      const follower = new make(({ length }) => {
        if (length > 10) throw new RangeError('too large');
      });
      expect(() => follower.push(frameOf(new Uint8Array(11)).subarray(0, 5))).toThrow('too large');
    }
  });

  it('are an error if truncated', () => {
    for (const make of [FrameGuard, FrameReader]) {
      const follower = new make(anything);
      follower.push(frameOf(new Uint8Array(3)).subarray(0, 7));
      expect(() => follower.end()).toThrow('ends inside a message');
    }
  });
});

import { v5 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { derivedId, isId, newId } from './ids.ts';

describe('ids', () => {
  it('are UUIDs that sort by the time of their making', () => {
    // More than come from one fill of the random pool, and many in one millisecond.
    const ids = Array.from({ length: 5000 }, newId);
    expect(ids.every(isId)).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(5000);
  });

  it('follow from their parts, the same in every process and version', () => {
    expect(derivedId('things', 'a', 'b')).toBe('b78dcae7-3c84-5f53-97db-35e34ad05adf');
  });

  it('are those of UUIDv5', () => {
    const namespace = v5('things', '8f0e2c9a-51c1-4d0c-9b4e-7d3f6a2b1c58');
    for (const part of ['', 'a', 'ü😀', 'x'.repeat(1000)]) {
      expect(derivedId('things', part)).toBe(v5(JSON.stringify([part]), namespace));
    }
  });

  it.each([
    [
      ['a', 'bc'],
      ['ab', 'c'],
    ],
    [['a'], ['a', '']],
    [['a,b'], ['a', 'b']],
  ])('differ where the parts do: %j and %j', (one, other) => {
    expect(derivedId('things', ...one)).not.toBe(derivedId('things', ...other));
  });

  it('differ where the use does', () => {
    expect(derivedId('things', 'a')).not.toBe(derivedId('others', 'a'));
  });
});

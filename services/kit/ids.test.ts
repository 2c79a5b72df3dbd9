import { describe, expect, it } from 'vitest';
import { derivedId, isId, newId } from './ids.ts';

describe('ids', () => {
  it('are UUIDs that sort by the time of their making', () => {
    const ids = Array.from({ length: 100 }, newId);
    expect(ids.every(isId)).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(100);
  });

  it('follow from their parts, the same in every process and version', () => {
    expect(derivedId('things', 'a', 'b')).toBe('b78dcae7-3c84-5f53-97db-35e34ad05adf');
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

import { describe, expect, it } from 'vitest';
import { DemoRecord } from '../record.ts';
import type { Answer } from '../users.ts';
import { settled, storedCheck } from './stored.ts';

const succeeded: Answer = { outcome: 'succeeded', start: 0, took: 1, retryAfter: 0, text: '' };
const record = new DemoRecord([succeeded, succeeded, { ...succeeded, outcome: 'refused' }], []);

describe('stored data', () => {
  it('is compared with the successes when events under way have arrived', async () => {
    let taken = 0;
    const count = async () => ({ RESERVED: 2, taken: taken++ });
    const check = storedCheck({ promise: 'stock is taken once', successes: 'made', count });
    expect(await check(record)).toEqual([{ held: true, promise: 'stock is taken once', seen: '2 made, 2 RESERVED, 2 taken' }]);
  });

  it('is what was read last where it does not settle in time', async () => {
    let reads = 0;
    expect(
      await settled(
        async () => ++reads,
        () => false,
        250,
      ),
    ).toBe(reads);
    expect(reads).toBeGreaterThan(1);
  });
});

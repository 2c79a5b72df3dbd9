import { describe, expect, it } from 'vitest';
import { Batcher } from './batcher.ts';

/** A batcher that doubles numbers once each of its batches is released. */
function doubling(maxItems = 10) {
  const batches: number[][] = [];
  const releases: PromiseWithResolvers<void>[] = [];
  const batcher = new Batcher<number, number>({
    run: async (items) => {
      batches.push([...items]);
      const release = Promise.withResolvers<void>();
      releases.push(release);
      await release.promise;
      return items.map((item) => 2 * item);
    },
    maxItems,
  });
  const next = async (count: number) => {
    await expect.poll(() => releases.length).toBe(count);
    releases[count - 1]?.resolve();
  };
  return { batcher, batches, next };
}

const lost = () => Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });

describe('a batcher', () => {
  it('runs calls of one turn in one batch, and those that arrive meanwhile in the next', async () => {
    const { batcher, batches, next } = doubling();
    const first = [batcher.do(1), batcher.do(2)];
    await expect.poll(() => batches.length).toBe(1);
    const second = [batcher.do(3), batcher.do(4), batcher.do(5)];
    await next(1);
    await next(2);
    expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('keeps to the largest size of a batch', async () => {
    const { batcher, batches, next } = doubling(2);
    const all = Promise.all([1, 2, 3].map((item) => batcher.do(item)));
    await next(1);
    await next(2);
    expect(await all).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2], [3]]);
  });

  it('counts the size of items', async () => {
    const batches: string[][] = [];
    const batcher = new Batcher<string, string>({
      run: async (items) => {
        batches.push([...items]);
        return items;
      },
      maxItems: 4,
      sizeOf: (item) => item.length,
    });
    await Promise.all(['longer', 'a', 'abc', 'b'].map((item) => batcher.do(item)));
    expect(batches).toEqual([['longer'], ['a', 'abc'], ['b']]);
  });

  it('fails an item for its own reason only', async () => {
    const batcher = new Batcher<number, number>({
      run: async (items) => {
        if (items.includes(13)) throw new Error('13 is refused');
        return items;
      },
      maxItems: 10,
    });
    const results = await Promise.allSettled([1, 13, 2].map((item) => batcher.do(item)));
    expect(results).toMatchObject([{ value: 1 }, { reason: new Error('13 is refused') }, { value: 2 }]);
  });

  it('runs a batch once when the store is away', async () => {
    let runs = 0;
    const batcher = new Batcher<number, number>({
      run: async () => {
        runs++;
        throw lost();
      },
      maxItems: 10,
    });
    const results = await Promise.allSettled([1, 2, 3].map((item) => batcher.do(item)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(runs).toBe(1);
  });

  it('goes on after a batch that failed', async () => {
    let fails = true;
    const batcher = new Batcher<number, number>({
      run: async (items) => {
        if (fails) throw lost();
        return items;
      },
      maxItems: 10,
    });
    await expect(batcher.do(1)).rejects.toThrow('connection refused');
    fails = false;
    expect(await batcher.do(2)).toBe(2);
  });
});

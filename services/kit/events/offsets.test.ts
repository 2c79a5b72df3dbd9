import { describe, expect, it } from 'vitest';
import { createLogger } from '../runtime/log.ts';
import { OffsetCommits } from './offsets.ts';

const log = createLogger('test', 'silent');

describe('offsets', () => {
  it('are committed as that of the next record, the newest for each partition, once', async () => {
    const commits: unknown[] = [];
    const offsets = new OffsetCommits(async (batch) => void commits.push(batch), log);
    offsets.applied('shop.order.v1', 0, '7');
    offsets.applied('shop.order.v1', 0, '9');
    offsets.applied('shop.order.v1', 3, '9007199254740993');
    await offsets.flush();
    await offsets.flush();
    expect(commits).toEqual([
      [
        { topic: 'shop.order.v1', partition: 0, offset: '10' },
        { topic: 'shop.order.v1', partition: 3, offset: '9007199254740994' },
      ],
    ]);
  });

  it('of partitions that may be with another member are not committed', async () => {
    const commits: unknown[] = [];
    const offsets = new OffsetCommits(async (batch) => void commits.push(batch), log);
    offsets.applied('shop.order.v1', 0, '7');
    offsets.forget();
    await offsets.flush();
    expect(commits).toEqual([]);
  });

  it('that cannot be committed are committed later, unless newer ones are', async () => {
    const commits: unknown[] = [];
    let fails = true;
    const commit = async (batch: unknown) => {
      if (fails) throw new Error('the coordinator is loading');
      commits.push(batch);
    };
    const offsets = new OffsetCommits(commit, log);
    offsets.applied('shop.order.v1', 0, '7');
    offsets.applied('shop.order.v1', 1, '3');
    const failing = offsets.flush();
    offsets.applied('shop.order.v1', 0, '8');
    await failing;
    fails = false;
    await offsets.flush();
    await offsets.flush();
    expect(commits).toEqual([
      [
        { topic: 'shop.order.v1', partition: 0, offset: '9' },
        { topic: 'shop.order.v1', partition: 1, offset: '4' },
      ],
    ]);
  });

  it('are never committed while an older commit is under way, which may fail and be repeated', async () => {
    const commits: string[] = [];
    const first = Promise.withResolvers<void>();
    const offsets = new OffsetCommits(async ([{ offset } = { offset: '' }]) => {
      commits.push(offset);
      if (commits.length === 1) await first.promise;
    }, log);
    offsets.applied('shop.order.v1', 0, '7');
    const flushes = [offsets.flush()];
    await Promise.resolve();
    offsets.applied('shop.order.v1', 0, '8');
    flushes.push(offsets.flush());
    await new Promise((resolve) => setImmediate(resolve));
    expect(commits).toEqual(['8']);
    first.reject(new Error('the coordinator is loading'));
    await Promise.all(flushes);
    expect(commits).toEqual(['8', '9']);
  });

  it('that cannot be committed are forgotten with their assignment', async () => {
    const commits: unknown[] = [];
    let fails = true;
    const commit = async (batch: unknown) => {
      if (fails) throw new Error('rebalancing');
      commits.push(batch);
    };
    const offsets = new OffsetCommits(commit, log);
    offsets.applied('shop.order.v1', 0, '7');
    const failing = offsets.flush();
    offsets.forget();
    await failing;
    fails = false;
    await offsets.flush();
    expect(commits).toEqual([]);
  });
});

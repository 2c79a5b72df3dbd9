import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { Watch } from './watch.ts';

/** A watch over a counter of the looks that were taken. */
function counting() {
  const looks = { count: 0 };
  return { looks, watch: new Watch(async () => ++looks.count, 5) };
}

/** Lets so many intervals pass. */
const intervals = (count: number) => sleep(5 * count);

describe('a watch', () => {
  it('does not look while nobody watches', async () => {
    const { looks, watch } = counting();
    await intervals(4);
    expect(looks.count).toBe(0);
    for await (const state of watch.states(new AbortController().signal)) if (state === 3) break;
    await intervals(2);
    const after = looks.count;
    await intervals(10);
    expect(looks.count).toBe(after);
  });

  it('looks once for all who watch', async () => {
    const looks = { count: 0 };
    const watch = new Watch(async () => ++looks.count, 60_000);
    const { signal } = new AbortController();
    const seen = await Promise.all([1, 2, 3].map(() => watch.states(signal).next()));
    expect(seen.map(({ value }) => value)).toEqual([1, 1, 1]);
    expect(looks.count).toBe(1);
  });

  it('gives the newest state to one who is slow', async () => {
    const { looks, watch } = counting();
    const seen: number[] = [];
    for await (const state of watch.states(new AbortController().signal)) {
      seen.push(state);
      if (seen.length === 2) break;
      await vi.waitFor(() => expect(looks.count).toBeGreaterThan(state + 2), { timeout: 20_000, interval: 5 });
    }
    expect(seen[1]).toBeGreaterThan((seen[0] ?? 0) + 2);
  });

  it('gives the last state at once to one who comes later', async () => {
    const watch = new Watch(async () => performance.now(), 60_000);
    const stop = new AbortController();
    const first = watch.states(stop.signal);
    const { value } = await first.next();
    expect((await watch.states(stop.signal).next()).value).toBe(value);
    stop.abort();
  });

  it('ends when it is told to, also while it waits', async () => {
    const { watch } = counting();
    const stop = new AbortController();
    const states = watch.states(stop.signal);
    await states.next();
    const waiting = (async () => {
      for await (const _ of states);
      return 'ended';
    })();
    stop.abort();
    expect(await waiting).toBe('ended');
  });

  it('ends for all with the error of a look, and looks again for one who comes later', async () => {
    const fails = { now: true };
    const watch = new Watch(async () => {
      if (fails.now) throw new Error('nobody is there');
      return 1;
    }, 5);
    const { signal } = new AbortController();
    const [one, two] = await Promise.allSettled([watch.states(signal).next(), watch.states(signal).next()]);
    expect([one, two]).toMatchObject([{ reason: { message: 'nobody is there' } }, { reason: { message: 'nobody is there' } }]);
    fails.now = false;
    expect((await watch.states(signal).next()).value).toBe(1);
  });

  it('begins again for one who comes after all have gone', async () => {
    const { watch } = counting();
    for await (const _ of watch.states(new AbortController().signal)) break;
    await intervals(4);
    const { value } = await watch.states(new AbortController().signal).next();
    expect(value).toBeGreaterThan(1);
  });
});

import { describe, expect, it } from 'vitest';
import type { Progress } from './spec.ts';
import { type WatchedRow, Watches } from './watches.ts';

/** Rows in memory. They count how often changes are polled, and record which rows are read. */
class MemoryRows {
  readonly rows = new Map<string, WatchedRow>();
  readonly #changed: string[] = [];
  readonly reads: string[][] = [];
  polls = 0;
  failure: Error | undefined;

  put(key: string, ...progress: number[]): void {
    this.rows.set(key, { key, progress });
    this.#changed.push(key);
  }

  async find(key: string): Promise<WatchedRow | undefined> {
    return this.rows.get(key);
  }

  async findAll(keys: readonly string[]): Promise<WatchedRow[]> {
    this.reads.push(keys.toSorted());
    return keys.flatMap((key) => this.rows.get(key) ?? []);
  }

  changes(): () => Promise<string[]> {
    let read = this.#changed.length;
    return async () => {
      this.polls++;
      if (this.failure !== undefined) throw this.failure;
      const changed = this.#changed.slice(read);
      read = this.#changed.length;
      return changed;
    };
  }
}

/** Starts a watch. `next` waits for the next state and returns its progress. */
function watch(watches: Watches<WatchedRow>, key: string, after: Progress = []) {
  const end = new AbortController();
  const states = watches.states(key, after, end.signal);
  const next = async () => (await states.next()).value.progress;
  return { next, end: () => end.abort(new Error('the caller cancelled')) };
}

describe('watching', () => {
  it('begins with the present state and continues with newer ones', async () => {
    const rows = new MemoryRows();
    rows.put('a', 1);
    const watching = watch(new Watches(rows), 'a');
    expect(await watching.next()).toEqual([1]);
    const next = watching.next();
    rows.put('a', 1, 1);
    expect(await next).toEqual([1, 1]);
    watching.end();
  });

  it('waits for a row that does not exist yet', async () => {
    const rows = new MemoryRows();
    const watching = watch(new Watches(rows), 'a');
    const next = watching.next();
    rows.put('a', 1);
    expect(await next).toEqual([1]);
    watching.end();
  });

  it('that continues after a state returns only newer states', async () => {
    const rows = new MemoryRows();
    rows.put('a', 1, 1);
    const watching = watch(new Watches(rows), 'a', [1, 1]);
    const next = watching.next();
    await expect.poll(() => rows.polls).toBeGreaterThan(0);
    rows.put('a', 2, 1);
    expect(await next).toEqual([2, 1]);
    watching.end();
  });

  it('gets changes of its own replica without a poll', async () => {
    const rows = new MemoryRows();
    const watches = new Watches(rows);
    const watching = watch(watches, 'a');
    const next = watching.next();
    await expect.poll(() => rows.polls).toBe(1);
    rows.put('a', 1);
    await watches.changed(['a', 'b', 'a']);
    expect(await next).toEqual([1]);
    expect(rows.polls).toBe(1);
    expect(rows.reads).toEqual([['a']]);
    watching.end();
  });

  it('keeps the newer of two states that arrive in reverse', async () => {
    const rows = new MemoryRows();
    rows.put('a', 1);
    const watches = new Watches(rows);
    const watching = watch(watches, 'a');
    expect(await watching.next()).toEqual([1]);
    rows.put('a', 2);
    await watches.changed(['a']);
    rows.put('a', 1, 1);
    await watches.changed(['a']);
    rows.put('a', 1);
    await watches.changed(['a']);
    expect(await watching.next()).toEqual([1, 1]);
    watching.end();
  });

  it('reads no row while nothing changes, and then only the changed row', async () => {
    const rows = new MemoryRows();
    const ids = Array.from({ length: 1000 }, (_, number) => `id ${number}`);
    for (const id of ids) rows.put(id, 1);
    const watches = new Watches(rows);
    const all = ids.map((id) => watch(watches, id));
    await Promise.all(all.map((each) => each.next()));
    const next = all.map((each) => each.next());
    await expect.poll(() => rows.polls, { timeout: 10_000 }).toBeGreaterThan(2);
    expect(rows.reads).toEqual([]);
    rows.put('id 7', 2);
    expect(await next[7]).toEqual([2]);
    expect(rows.reads).toEqual([['id 7']]);
    for (const each of all) each.end();
    await Promise.allSettled(next);
  });

  it('polls only while there are watchers', async () => {
    const rows = new MemoryRows();
    const watches = new Watches(rows);
    const watching = watch(watches, 'a');
    const next = watching.next();
    await expect.poll(() => rows.polls).toBe(1);
    watching.end();
    await Promise.allSettled([next]);
    await expect.poll(() => watches.isPolling, { timeout: 5000 }).toBe(false);
    const later = watch(watches, 'b');
    const first = later.next();
    expect(watches.isPolling).toBe(true);
    rows.put('b', 1);
    expect(await first).toEqual([1]);
    later.end();
  });

  it('ends with the error of the store, and can start again', async () => {
    const rows = new MemoryRows();
    const watches = new Watches(rows);
    rows.failure = new Error('the store is down');
    await expect(watch(watches, 'a').next()).rejects.toThrow('the store is down');
    rows.failure = undefined;
    rows.put('a', 1);
    const again = watch(watches, 'a');
    expect(await again.next()).toEqual([1]);
    again.end();
  });

  it('ends with the reason of its signal', async () => {
    const watching = watch(new Watches(new MemoryRows()), 'a');
    const next = watching.next();
    watching.end();
    await expect(next).rejects.toThrow('the caller cancelled');
  });
});

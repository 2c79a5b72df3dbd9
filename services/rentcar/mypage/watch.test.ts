import { describe, expect, it } from 'vitest';
import { STATUS } from './domain.ts';
import type { MypageDocument } from './store.ts';
import { Watches } from './watch.ts';

const NOTHING = { reservation: 0, rental: 0 };

/** Views in memory. They count how often changes are polled, and record which views are read. */
class FakeViews {
  readonly documents = new Map<string, MypageDocument>();
  readonly #changed: string[] = [];
  readonly reads: string[][] = [];
  polls = 0;
  failure: Error | undefined;

  put(reservationId: string, reservation: number, rental?: number): void {
    this.documents.set(reservationId, {
      _id: reservationId,
      carId: 'car',
      userId: 'user',
      status: STATUS.RESERVED,
      applyTime: new Date(0),
      reservation: { version: reservation, negatedTime: 0 },
      ...(rental === undefined ? {} : { rental: { version: rental, negatedTime: 0 } }),
    });
    this.#changed.push(reservationId);
  }

  async find(reservationId: string): Promise<MypageDocument | undefined> {
    return this.documents.get(reservationId);
  }

  async findAll(reservationIds: readonly string[]): Promise<MypageDocument[]> {
    this.reads.push(reservationIds.toSorted());
    return reservationIds.flatMap((id) => this.documents.get(id) ?? []);
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

/** Starts a watch; `next` waits for the next state and returns the versions of both sources, as `1-0`. */
function watch(watches: Watches, reservationId: string, after = NOTHING) {
  const end = new AbortController();
  const states = watches.states(reservationId, after, end.signal);
  const next = async () => {
    const { value } = await states.next();
    return `${value.reservation?.version ?? 0}-${value.rental?.version ?? 0}`;
  };
  return { next, end: () => end.abort(new Error('the caller has gone')) };
}

describe('watching', () => {
  it('begins with the state that there is, and goes on with each that is newer', async () => {
    const views = new FakeViews();
    views.put('a', 1);
    const watching = watch(new Watches(views), 'a');
    expect(await watching.next()).toBe('1-0');
    const next = watching.next();
    views.put('a', 1, 1);
    expect(await next).toBe('1-1');
    watching.end();
  });

  it('waits for a reservation of which nothing is known yet', async () => {
    const views = new FakeViews();
    const watching = watch(new Watches(views), 'a');
    const next = watching.next();
    views.put('a', 1);
    expect(await next).toBe('1-0');
    watching.end();
  });

  it('after a state tells only what is newer', async () => {
    const views = new FakeViews();
    views.put('a', 1, 1);
    const watching = watch(new Watches(views), 'a', { reservation: 1, rental: 1 });
    const next = watching.next();
    await expect.poll(() => views.polls).toBeGreaterThan(0);
    views.put('a', 2, 1);
    expect(await next).toBe('2-1');
    watching.end();
  });

  it('gets the changes of its own replica without a poll', async () => {
    const views = new FakeViews();
    const watches = new Watches(views);
    const watching = watch(watches, 'a');
    const next = watching.next();
    await expect.poll(() => views.polls).toBe(1);
    views.put('a', 1);
    await watches.changed(['a', 'b', 'a']);
    expect(await next).toBe('1-0');
    expect(views.polls).toBe(1);
    expect(views.reads).toEqual([['a']]);
    watching.end();
  });

  it('keeps the newer of two states that arrive in the other order', async () => {
    const views = new FakeViews();
    views.put('a', 1);
    const watches = new Watches(views);
    const watching = watch(watches, 'a');
    expect(await watching.next()).toBe('1-0');
    views.put('a', 2);
    await watches.changed(['a']);
    views.put('a', 1, 1);
    await watches.changed(['a']);
    views.put('a', 1);
    await watches.changed(['a']);
    expect(await watching.next()).toBe('1-1');
    watching.end();
  });

  it('by many reads no view while nothing changes, and only what changed', async () => {
    const views = new FakeViews();
    const ids = Array.from({ length: 1000 }, (_, number) => `id ${number}`);
    for (const id of ids) views.put(id, 1);
    const watches = new Watches(views);
    const all = ids.map((id) => watch(watches, id));
    await Promise.all(all.map((each) => each.next()));
    const next = all.map((each) => each.next());
    await expect.poll(() => views.polls, { timeout: 10_000 }).toBeGreaterThan(2);
    expect(views.reads).toEqual([]);
    views.put('id 7', 2);
    expect(await next[7]).toBe('2-0');
    expect(views.reads).toEqual([['id 7']]);
    for (const each of all) each.end();
    await Promise.allSettled(next);
  });

  it('polls only while there are watchers', async () => {
    const views = new FakeViews();
    const watches = new Watches(views);
    const watching = watch(watches, 'a');
    const next = watching.next();
    await expect.poll(() => views.polls).toBe(1);
    watching.end();
    await Promise.allSettled([next]);
    await expect.poll(() => watches.isPolling, { timeout: 5000 }).toBe(false);
    const later = watch(watches, 'b');
    const first = later.next();
    expect(watches.isPolling).toBe(true);
    views.put('b', 1);
    expect(await first).toBe('1-0');
    later.end();
  });

  it('ends with the error of a store that cannot be looked at, and can begin again', async () => {
    const views = new FakeViews();
    const watches = new Watches(views);
    views.failure = new Error('the store is away');
    await expect(watch(watches, 'a').next()).rejects.toThrow('the store is away');
    views.failure = undefined;
    views.put('a', 1);
    const again = watch(watches, 'a');
    expect(await again.next()).toBe('1-0');
    again.end();
  });

  it('ends with the reason of its signal', async () => {
    const watching = watch(new Watches(new FakeViews()), 'a');
    const next = watching.next();
    watching.end();
    await expect(next).rejects.toThrow('the caller has gone');
  });
});

import { describe, expect, it } from 'vitest';
import type { MypageDocument } from './store.ts';
import { Watches } from './watch.ts';

const NOTHING = { reservation: 0, rental: 0 };

/** Views as a store has them, which counts how often it is asked for all that are watched. */
class FakeViews {
  readonly documents = new Map<string, MypageDocument>();
  readonly looks: string[][] = [];
  failure: Error | undefined;

  put(reservationId: string, reservation: number, rental?: number): void {
    this.documents.set(reservationId, {
      _id: reservationId,
      carId: 'car',
      userId: 'user',
      updateTime: new Date(0),
      reservation: { version: reservation, status: reservation === 1 ? 'RESERVED' : 'CANCELLED' },
      ...(rental === undefined ? {} : { rental: { version: rental, status: rental === 1 ? 'ALLOCATED' : 'CANCELLED' } }),
    });
  }

  async find(reservationId: string): Promise<MypageDocument | undefined> {
    return this.documents.get(reservationId);
  }

  async findAll(reservationIds: readonly string[]): Promise<MypageDocument[]> {
    this.looks.push(reservationIds.toSorted());
    if (this.failure !== undefined) throw this.failure;
    return reservationIds.flatMap((id) => this.documents.get(id) ?? []);
  }
}

/** Begins to watch; `next` waits for the next state and tells the versions of both sources, as `1-0`. */
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
    await expect.poll(() => views.looks.length).toBeGreaterThan(1);
    views.put('a', 2, 1);
    expect(await next).toBe('2-1');
    watching.end();
  });

  it('by many is one look at the store for all of them, and none when the last has gone', async () => {
    const views = new FakeViews();
    const watches = new Watches(views);
    const all = ['a', 'a', 'b'].map((id) => watch(watches, id));
    const next = all.map((each) => each.next());
    await expect.poll(() => views.looks.at(0)).toEqual(['a', 'b']);
    for (const id of ['a', 'b']) views.put(id, 1);
    expect(await Promise.all(next)).toEqual(['1-0', '1-0', '1-0']);
    const rest = all.map((each) => each.next());
    for (const each of all) each.end();
    await Promise.allSettled(rest);
    const looks = views.looks.length;
    // Who comes later makes the looking begin again: had it not ended, more than this one would have looked for it.
    const later = watch(watches, 'c');
    const first = later.next();
    await expect.poll(() => views.looks.length).toBeGreaterThan(looks);
    expect(views.looks.slice(looks)).toEqual(views.looks.slice(looks).map(() => ['c']));
    views.put('c', 1);
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

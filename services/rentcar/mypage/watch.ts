import { orAborted, pause } from '#kit/waiting.ts';
import { isNewer, type Versions, versionsOf } from './domain.ts';
import type { MypageDocument } from './store.ts';

/** How often the store is asked what has become of all views that are watched, in milliseconds. */
const LOOK_MS = 250;

/** What is watched: the part of the store that a watch needs. */
export interface Views {
  find(reservationId: string): Promise<MypageDocument | undefined>;
  findAll(reservationIds: readonly string[]): Promise<MypageDocument[]>;
}

/**
 * Tells watchers what becomes of reservations. One query in a quarter of a second serves all watchers of a process, and none is made while
 * nobody watches; so it does not matter which replica applies an event. MongoDB's change streams would tell sooner, but only where it
 * is a replica set, and cost a cursor for each process all the time.
 */
export class Watches {
  readonly #views: Views;
  readonly #watchers = new Map<string, Set<Watcher>>();
  #looking = false;

  constructor(views: Views) {
    this.#views = views;
  }

  /**
   * The states of a view, each newer than the one before: first the one that there is, if it is newer than `after`. Throws what the store
   * throws, and the reason of the signal when that is aborted.
   */
  async *states(reservationId: string, after: Versions, signal: AbortSignal): AsyncGenerator<MypageDocument, never> {
    let last = after;
    const watcher = new Watcher();
    const leave = this.#join(reservationId, watcher);
    try {
      const now = await this.#views.find(reservationId);
      if (now !== undefined) watcher.tell(now);
      for (;;) {
        const next = await watcher.next(signal);
        if (!isNewer(versionsOf(next), last)) continue;
        last = versionsOf(next);
        yield next;
      }
    } finally {
      leave();
    }
  }

  #join(reservationId: string, watcher: Watcher): () => void {
    const watchers = this.#watchers.get(reservationId) ?? new Set();
    this.#watchers.set(reservationId, watchers.add(watcher));
    if (!this.#looking) void this.#look();
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchers.delete(reservationId);
    };
  }

  async #look(): Promise<void> {
    this.#looking = true;
    const never = new AbortController().signal;
    while (this.#watchers.size > 0) {
      await pause(LOOK_MS, never);
      try {
        for (const document of await this.#views.findAll([...this.#watchers.keys()])) {
          for (const watcher of this.#watchers.get(document._id) ?? []) watcher.tell(document);
        }
      } catch (error) {
        for (const watcher of [...this.#watchers.values()].flatMap((watchers) => [...watchers])) watcher.fail(error);
      }
    }
    this.#looking = false;
  }
}

/** What a watcher has to hear next. */
type News = { readonly state: MypageDocument } | { readonly error: unknown };

/** Holds the newest state until its watcher has time for it. */
class Watcher {
  #news: News | undefined;
  #wake: (() => void) | undefined;

  tell(state: MypageDocument): void {
    this.#put({ state });
  }

  fail(error: unknown): void {
    this.#put({ error });
  }

  #put(news: News): void {
    this.#news = news;
    this.#wake?.();
  }

  /** Waits for the next state. Throws what `fail` was given, and the reason of the signal when that is aborted. */
  async next(signal: AbortSignal): Promise<MypageDocument> {
    for (;;) {
      const news = this.#news;
      this.#news = undefined;
      if (news !== undefined && 'error' in news) throw news.error;
      if (news !== undefined) return news.state;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await orAborted(promise, signal);
    }
  }
}

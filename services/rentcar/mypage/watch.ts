import { orAborted, pause } from '#kit/runtime/waiting.ts';
import { isNewer, type Versions } from './domain.ts';
import { type MypageDocument, versionsOf } from './store.ts';

/** How often the store is asked which views other replicas changed, in milliseconds. */
const POLL_MS = 1000;

/** The part of the store that watches read. */
export interface Views {
  find(reservationId: string): Promise<MypageDocument | undefined>;
  findAll(reservationIds: readonly string[]): Promise<MypageDocument[]>;
  changes(): () => Promise<string[]>;
}

/**
 * Notifies watchers of changed views. The consumer of this replica reports its changes at once; those of other replicas are polled, by the
 * time of the change and not by the watched ids, and only while there are watchers. Change streams would be faster, but need a replica set
 * and a cursor per process.
 */
export class Watches {
  readonly #views: Views;
  readonly #watchers = new Map<string, Set<Watcher>>();
  #polling = false;

  constructor(views: Views) {
    this.#views = views;
  }

  /** Whether changes are polled. */
  get isPolling(): boolean {
    return this.#polling;
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
    if (!this.#polling) void this.#poll();
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchers.delete(reservationId);
    };
  }

  /** Reads the watched ones of some changed views, and notifies their watchers. Watchers get the errors. */
  async changed(reservationIds: readonly string[]): Promise<void> {
    const watched = [...new Set(reservationIds)].filter((id) => this.#watchers.has(id));
    if (watched.length === 0) return;
    try {
      for (const document of await this.#views.findAll(watched)) {
        for (const watcher of this.#watchers.get(document._id) ?? []) watcher.tell(document);
      }
    } catch (error) {
      this.#fail(watched, error);
    }
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    const never = new AbortController().signal;
    const changes = this.#views.changes();
    while (this.#watchers.size > 0) {
      try {
        await this.changed(await changes());
      } catch (error) {
        this.#fail([...this.#watchers.keys()], error);
      }
      await pause(POLL_MS, never);
    }
    this.#polling = false;
  }

  #fail(reservationIds: readonly string[], error: unknown): void {
    for (const id of reservationIds) for (const watcher of this.#watchers.get(id) ?? []) watcher.fail(error);
  }
}

/** What a watcher has to hear next. */
type News = { readonly state: MypageDocument } | { readonly error: unknown };

/** Holds the newest state until its watcher has time for it. */
class Watcher {
  #news: News | undefined;
  #wake: (() => void) | undefined;

  /** Replaces an older state. Reads that overlap may return in another order. */
  tell(state: MypageDocument): void {
    const held = this.#news !== undefined && 'state' in this.#news ? this.#news.state : undefined;
    if (held === undefined || isNewer(versionsOf(state), versionsOf(held))) this.#put({ state });
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

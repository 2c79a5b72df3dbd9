import { orAborted, pause } from '../runtime/waiting.ts';
import { isNewer } from './row.ts';
import type { Progress } from './spec.ts';

/** How often the store is asked which rows other replicas changed, in milliseconds. */
const POLL_MS = 1000;

/** A row, as far as watches read it. */
export interface WatchedRow {
  readonly key: string;
  readonly progress: Progress;
}

/** The part of the store that watches read. */
export interface WatchedRows<R extends WatchedRow> {
  find(key: string): Promise<R | undefined>;
  findAll(keys: readonly string[]): Promise<R[]>;
  /** Returns a function that returns the keys of rows that any replica changed since its last call. */
  changes(): () => Promise<string[]>;
}

/**
 * Notifies watchers of changed rows. The consumer of this replica reports its changes at once; those of other replicas are
 * polled, by the time of the change and not by the watched keys, and only while there are watchers. Change streams would be
 * faster, but need a replica set and a cursor per process.
 */
export class Watches<R extends WatchedRow> {
  readonly #rows: WatchedRows<R>;
  readonly #watchers = new Map<string, Set<Watcher<R>>>();
  #polling = false;

  constructor(rows: WatchedRows<R>) {
    this.#rows = rows;
  }

  /** Whether changes are polled. */
  get isPolling(): boolean {
    return this.#polling;
  }

  /**
   * Returns the states of a row, each newer than the one before: first the present one, if it is newer than `after`.
   * Throws the errors of the store, and the reason of the signal when that is aborted.
   */
  async *states(key: string, after: Progress, signal: AbortSignal): AsyncGenerator<R, never> {
    let last = after;
    const watcher = new Watcher<R>();
    const leave = this.#join(key, watcher);
    try {
      const now = await this.#rows.find(key);
      if (now !== undefined) watcher.put(now);
      for (;;) {
        const next = await watcher.next(signal);
        if (!isNewer(next.progress, last)) continue;
        last = next.progress;
        yield next;
      }
    } finally {
      leave();
    }
  }

  #join(key: string, watcher: Watcher<R>): () => void {
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(watcher));
    if (!this.#polling) void this.#poll();
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchers.delete(key);
    };
  }

  /** Reads those of the changed rows that are watched, and notifies their watchers. Watchers get the errors. */
  async changed(keys: readonly string[]): Promise<void> {
    const watched = [...new Set(keys)].filter((key) => this.#watchers.has(key));
    if (watched.length === 0) return;
    try {
      for (const row of await this.#rows.findAll(watched)) {
        for (const watcher of this.#watchers.get(row.key) ?? []) watcher.put(row);
      }
    } catch (error) {
      this.#fail(watched, error);
    }
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    const never = new AbortController().signal;
    const changes = this.#rows.changes();
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

  #fail(keys: readonly string[], error: unknown): void {
    for (const key of keys) for (const watcher of this.#watchers.get(key) ?? []) watcher.fail(error);
  }
}

/** The next result of a watcher. */
type Result<R> = { readonly row: R } | { readonly error: unknown };

/** Holds the newest state until its watcher takes it. */
class Watcher<R extends WatchedRow> {
  #result: Result<R> | undefined;
  #wake: (() => void) | undefined;

  /** Replaces an older state. Reads that overlap may return in another order. */
  put(row: R): void {
    const held = this.#result !== undefined && 'row' in this.#result ? this.#result.row : undefined;
    if (held === undefined || isNewer(row.progress, held.progress)) this.#set({ row });
  }

  fail(error: unknown): void {
    this.#set({ error });
  }

  #set(result: Result<R>): void {
    this.#result = result;
    this.#wake?.();
  }

  /** Waits for the next state. Throws the error of `fail`, and the reason of the signal when that is aborted. */
  async next(signal: AbortSignal): Promise<R> {
    for (;;) {
      const result = this.#result;
      this.#result = undefined;
      if (result !== undefined && 'error' in result) throw result.error;
      if (result !== undefined) return result.row;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await orAborted(promise, signal);
    }
  }
}

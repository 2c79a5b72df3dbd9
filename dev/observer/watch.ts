import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks at something again and again for all who watch, and not at all while nobody does. Each watcher gets the newest state: one who is slow
 * misses those in between.
 */
export class Watch<T> {
  readonly #look: () => Promise<T>;
  readonly #interval: number;
  readonly #watchers = new Set<Watcher<T>>();
  #running: Promise<void> | undefined;
  #last: T | undefined;

  /** @param look where it rejects, watching ends with its error for all @param interval milliseconds between the beginnings of two looks */
  constructor(look: () => Promise<T>, interval: number) {
    this.#look = look;
    this.#interval = interval;
  }

  /** The states from now on; the last one at once, if others are watching. Ends when the signal is aborted; throws what a look has thrown. */
  async *states(signal: AbortSignal): AsyncGenerator<T, void> {
    const watcher = new Watcher<T>(this.#last);
    const wake = (): void => watcher.end();
    signal.addEventListener('abort', wake);
    this.#watchers.add(watcher);
    this.#running ??= this.#run();
    try {
      while (!signal.aborted) {
        const state = await watcher.next();
        if (state === undefined || signal.aborted) return;
        yield state;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#watchers.delete(watcher);
    }
  }

  async #run(): Promise<void> {
    while (this.#watchers.size > 0) {
      const begin = performance.now();
      try {
        const state = await this.#look();
        this.#last = state;
        for (const watcher of this.#watchers) watcher.give(state);
      } catch (error) {
        for (const watcher of this.#watchers) watcher.fail(error);
      }
      await sleep(Math.max(0, this.#interval - (performance.now() - begin)));
    }
    // Of a time that nobody watched.
    this.#last = undefined;
    this.#running = undefined;
  }
}

/** One who watches: holds the newest state until it is asked for. */
class Watcher<T> {
  #newest: T | undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(first: T | undefined) {
    this.#newest = first;
  }

  give(state: T): void {
    this.#newest = state;
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Undefined at the end. @throws what it failed with */
  async next(): Promise<T | undefined> {
    while (this.#newest === undefined && !this.#ended && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined && !this.#ended) throw this.#failure.error;
    const state = this.#ended ? undefined : this.#newest;
    this.#newest = undefined;
    return state;
  }
}

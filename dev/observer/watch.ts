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

  /** @param look must not reject @param interval milliseconds between the beginnings of two looks */
  constructor(look: () => Promise<T>, interval: number) {
    this.#look = look;
    this.#interval = interval;
  }

  /** The states from now on; the last one at once, if others are watching. Ends when the signal is aborted. */
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
      const state = await this.#look();
      this.#last = state;
      for (const watcher of this.#watchers) watcher.give(state);
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
  #wake: () => void = () => undefined;

  constructor(first: T | undefined) {
    this.#newest = first;
  }

  give(state: T): void {
    this.#newest = state;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Undefined at the end. */
  async next(): Promise<T | undefined> {
    while (this.#newest === undefined && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const state = this.#ended ? undefined : this.#newest;
    this.#newest = undefined;
    return state;
  }
}

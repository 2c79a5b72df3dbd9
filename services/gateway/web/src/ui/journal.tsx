import type { Arrival } from '../api/use-watch.ts';
import { timeOfDay } from './format.ts';

interface JournalProps<T> {
  readonly arrivals: readonly Arrival<T>[];
  /** The Watch method, as `OrderService.WatchOrder`. */
  readonly method: string;
  readonly wordOf: (state: T) => string;
}

/** The states that arrived since the page was opened. */
export function Journal<T>({ arrivals, method, wordOf }: JournalProps<T>) {
  if (arrivals.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="journal">
      <h2 id="journal">What arrived here</h2>
      <p class="quiet">
        The stream <code>{method}</code> brings each change as soon as the view has applied its event.
      </p>
      <ol class="journal">
        {arrivals.map(({ state, at }) => (
          <li key={at.getTime()}>
            <time dateTime={at.toISOString()}>{timeOfDay(at)}</time>
            <span>{wordOf(state)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

import type { Pages } from '../api/use-pages.ts';
import { ProblemBox } from './problem-box.tsx';

/** The end of a list: the next page, the error, or nothing. */
export function More<T>({ pages }: { pages: Pages<T> }) {
  const { items, more, busy, problem, loadMore, retry } = pages;
  if (problem !== undefined) return <ProblemBox problem={problem} onRetry={retry} />;
  if (items === undefined) return <Loading />;
  if (!more) return null;
  return (
    <p class="more">
      <button type="button" aria-disabled={busy} onClick={loadMore}>
        {busy ? 'Loading…' : 'Show more'}
      </button>
    </p>
  );
}

/** CSS shows the text only after a delay. */
export function Loading() {
  return <p class="loading">Loading…</p>;
}

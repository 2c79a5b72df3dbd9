import type { Pages } from '../api/use-pages.ts';
import { ProblemBox } from './problem-box.tsx';

/** What stands below a list: the way to its next page, or why there is none. */
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

/** Shown only if it takes long enough to be noticed. */
export function Loading() {
  return <p class="loading">Loading…</p>;
}

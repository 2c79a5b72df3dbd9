import { useRef } from 'preact/hooks';
import type { Problem } from './problem.ts';
import { useCall } from './use-call.ts';
import { useLoad } from './use-load.ts';

/** One page of a List method. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

/** A list that grows page by page. */
export interface Pages<T> {
  /** Undefined until the first page arrives. */
  readonly items: readonly T[] | undefined;
  /** There is another page. */
  readonly more: boolean;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly loadMore: () => void;
  /** Repeats the failed call. */
  readonly retry: () => void;
  /** Reloads all pages so far. */
  readonly reload: () => void;
  /** Replaces a changed item. */
  readonly replace: (isIt: (item: T) => boolean, item: T) => void;
}

/**
 * @param load makes the call for one page
 * @param inputs filters; a change starts at the first page
 */
export function usePages<T>(load: (pageToken: string, signal: AbortSignal) => Promise<Page<T>>, inputs: readonly unknown[]): Pages<T> {
  const count = useRef(1);
  const shownFor = useRef<readonly unknown[]>(inputs);
  if (inputs.some((each, index) => each !== shownFor.current[index])) {
    shownFor.current = inputs;
    count.current = 1;
  }
  const { value, problem, busy, reload, put } = useLoad(async (signal) => await firstPages(count.current, load, signal), inputs);
  // A late response applies to the current list only.
  const shown = useRef(value);
  shown.current = value;
  const next = useCall(
    async (before: Page<T>, signal) => await load(before.nextPageToken, signal),
    (page, before) => {
      if (shown.current !== before) return;
      count.current++;
      put(joined(before, page));
    },
  );
  const loadMore = () => {
    if (value !== undefined) next.run(value);
  };
  return {
    items: value?.items,
    more: (value?.nextPageToken ?? '') !== '',
    busy: busy || next.busy,
    problem: problem ?? next.problem,
    loadMore,
    retry: problem === undefined ? loadMore : reload,
    reload,
    replace: (isIt, item) => {
      const now = shown.current;
      if (now !== undefined) put({ ...now, items: now.items.map((each) => (isIt(each) ? item : each)) });
    },
  };
}

const joined = <T>(first: Page<T>, next: Page<T>): Page<T> => ({ ...next, items: [...first.items, ...next.items] });

/** Loads the first pages of a list and joins them. */
export async function firstPages<T>(
  count: number,
  load: (pageToken: string, signal: AbortSignal) => Promise<Page<T>>,
  signal: AbortSignal,
): Promise<Page<T>> {
  let whole: Page<T> = { items: [], nextPageToken: '' };
  for (let number = 0; number < count; number++) {
    const page = await load(whole.nextPageToken, signal);
    whole = joined(whole, page);
    if (page.nextPageToken === '') break;
  }
  return whole;
}

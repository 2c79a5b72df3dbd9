import { useRef } from 'preact/hooks';
import type { Problem } from './problem.ts';
import { useCall } from './use-call.ts';
import { useLoad } from './use-load.ts';

/** One page of a list, as every List method answers. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Empty at the end. */
  readonly nextPageToken: string;
}

/** A list that grows page by page. */
export interface Pages<T> {
  /** Undefined until the first page is there. */
  readonly items: readonly T[] | undefined;
  /** Whether there is another page. */
  readonly more: boolean;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly loadMore: () => void;
  /** Makes the call again that led to the problem. */
  readonly retry: () => void;
  /** Loads again what is shown, page by page. */
  readonly reload: () => void;
  /** Puts a changed item in the place of what it was. */
  readonly replace: (isIt: (item: T) => boolean, item: T) => void;
}

/**
 * @param load makes the call for one page
 * @param inputs what the list depends on, such as filters: another value starts with its first page
 */
export function usePages<T>(load: (pageToken: string, signal: AbortSignal) => Promise<Page<T>>, inputs: readonly unknown[]): Pages<T> {
  const count = useRef(1);
  const shownFor = useRef<readonly unknown[]>(inputs);
  if (inputs.some((each, index) => each !== shownFor.current[index])) {
    shownFor.current = inputs;
    count.current = 1;
  }
  const { value, problem, busy, reload, put } = useLoad(async (signal) => await firstPages(count.current, load, signal), inputs);
  // Answers arrive later than they were asked for: they go to what is shown then.
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

/** The first pages of a list as one, up to a number of pages or the end of the list. */
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

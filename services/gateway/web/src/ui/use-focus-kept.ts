import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Keeps the focus near when the button that had it goes with what was done: a browser would let it fall to the start of the page.
 *
 * @param near what takes the focus; it needs a tabIndex
 * @param change what changes when the button goes
 */
export function useFocusKept(near: RefObject<HTMLElement | null>, change: unknown): void {
  const before = useRef(change);
  useLayoutEffect(() => {
    // Not at the start: a page that has just come has no focus to keep.
    if (before.current !== change && document.activeElement === document.body) near.current?.focus();
    before.current = change;
  }, [change]);
}

import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Moves the focus to `near` when the focused button disappears. Browsers move it to the start of the page.
 *
 * @param near needs a tabIndex
 * @param change a value that changes when the button disappears
 */
export function useFocusKept(near: RefObject<HTMLElement | null>, change: unknown): void {
  const before = useRef(change);
  useLayoutEffect(() => {
    // Not at the first rendering, where nothing had the focus.
    if (before.current !== change && document.activeElement === document.body) near.current?.focus();
    before.current = change;
  }, [change]);
}

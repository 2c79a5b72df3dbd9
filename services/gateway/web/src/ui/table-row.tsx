import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { useFocusKept } from './use-focus-kept.ts';

/** A table row that takes the focus when its button disappears with a change of status. */
export function TableRow({ status, children }: { status: unknown; children: ComponentChildren }) {
  const row = useRef<HTMLTableRowElement>(null);
  useFocusKept(row, status);
  return (
    <tr ref={row} tabIndex={-1}>
      {children}
    </tr>
  );
}

import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

interface RowActionProps<T> {
  readonly name: string;
  /** The row, for screen readers: `Latte of AAA`. */
  readonly of: string;
  /** Renders the dialog of the action. `done` gets the changed entity. */
  readonly dialog: (handlers: { readonly onClose: () => void; readonly done: (changed: T) => void }) => VNode;
  readonly onDone: (changed: T) => void;
}

/** The button of a row that opens a dialog. */
export function RowAction<T>({ name, of, dialog, onDone }: RowActionProps<T>) {
  const [open, setOpen] = useState(false);
  const done = (changed: T) => {
    setOpen(false);
    onDone(changed);
  };
  return (
    <>
      <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {name}
        <span class="unseen"> {of}</span>
      </button>
      {open && dialog({ onClose: () => setOpen(false), done })}
    </>
  );
}

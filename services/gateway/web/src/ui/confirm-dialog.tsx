import type { ComponentChildren } from 'preact';
import { useCall } from '../api/use-call.ts';
import { announce } from '../shell/announce.tsx';
import { ActionButton } from './action-button.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './problem-box.tsx';

interface ConfirmDialogProps<T> {
  readonly title: string;
  /** The consequence. */
  readonly children: ComponentChildren;
  /** Label of the button that only closes the dialog. */
  readonly keep: string;
  /** Label of the button that makes the call, before and during the call. */
  readonly act: string;
  readonly busyAct: string;
  readonly kind?: 'primary' | 'danger';
  /** Makes the call. Idempotent, or with an idempotency key: the user may repeat it. */
  readonly call: () => Promise<T>;
  /** Announced after the call. */
  readonly done: string;
  readonly onDone: (answer: T) => void;
  readonly onClose: () => void;
}

/** Asks before an action that cannot be undone, and makes its call. */
export function ConfirmDialog<T>(props: ConfirmDialogProps<T>) {
  const { title, children, keep, act, busyAct, kind = 'primary', call, done, onDone, onClose } = props;
  const { problem, busy, run } = useCall(
    async (_: undefined) => await call(),
    (answer) => {
      announce(done);
      onDone(answer);
    },
  );
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children} This cannot be undone.</p>
      {problem !== undefined && <ProblemBox problem={problem} />}
      <div class="actions">
        {/* First, so that the harmless button has the focus. */}
        <button type="button" onClick={onClose}>
          {keep}
        </button>
        <ActionButton name={act} busyName={busyAct} busy={busy} problem={problem} kind={kind} onAct={() => run(undefined)} />
      </div>
    </Dialog>
  );
}

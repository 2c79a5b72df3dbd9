import type { ComponentChildren } from 'preact';
import type { Call } from '../api/use-call.ts';
import { ActionButton } from './action-button.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './problem-box.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  /** The consequence. */
  readonly children: ComponentChildren;
  /** Label of the button that only closes the dialog. */
  readonly keep: string;
  /** Label of the button that makes the call, before and during the call. */
  readonly act: string;
  readonly busyAct: string;
  readonly kind?: 'primary' | 'danger';
  readonly call: Call<undefined>;
  readonly onClose: () => void;
}

/** Asks before an action that cannot be undone. */
export function ConfirmDialog({ title, children, keep, act, busyAct, kind = 'primary', call, onClose }: ConfirmDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children} This cannot be undone.</p>
      {call.problem !== undefined && <ProblemBox problem={call.problem} />}
      <div class="actions">
        {/* First, so that the harmless button has the focus. */}
        <button type="button" onClick={onClose}>
          {keep}
        </button>
        <ActionButton name={act} busyName={busyAct} busy={call.busy} problem={call.problem} kind={kind} onAct={() => call.run(undefined)} />
      </div>
    </Dialog>
  );
}

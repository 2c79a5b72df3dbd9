import type { ComponentChildren } from 'preact';
import type { Call } from '../api/use-call.ts';
import { ActionButton } from './action-button.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './problem-box.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  /** What will be so. */
  readonly children: ComponentChildren;
  /** The button that changes nothing. */
  readonly keep: string;
  /** The button that makes the call, before and while it is made. */
  readonly act: string;
  readonly busyAct: string;
  readonly kind?: 'primary' | 'danger';
  readonly call: Call<undefined>;
  readonly onClose: () => void;
}

/** Asks before something is done from which there is no way back. */
export function ConfirmDialog({ title, children, keep, act, busyAct, kind = 'primary', call, onClose }: ConfirmDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children} This cannot be undone.</p>
      {call.problem !== undefined && <ProblemBox problem={call.problem} />}
      <div class="actions">
        {/* First, so that it has the focus: what cannot be undone is not done by a key too much. */}
        <button type="button" onClick={onClose}>
          {keep}
        </button>
        <ActionButton name={act} busyName={busyAct} busy={call.busy} problem={call.problem} kind={kind} onAct={() => call.run(undefined)} />
      </div>
    </Dialog>
  );
}

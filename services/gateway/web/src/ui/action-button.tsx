import type { Problem } from '../api/problem.ts';
import { useCountdown, Wait } from './countdown.tsx';

interface ActionButtonProps {
  /** What it does. */
  readonly name: string;
  /** What it says while it is being done. */
  readonly busyName: string;
  readonly busy: boolean;
  /** What the last attempt came to; where repeating helps, the button says so, after the time that the system asks to wait. */
  readonly problem: Problem | undefined;
  readonly kind?: 'primary' | 'danger';
  /** Without it the button sends its form. */
  readonly onAct?: () => void;
}

/** The button of a call. It stays where it is and keeps the focus, whatever becomes of the call. */
export function ActionButton({ name, busyName, busy, problem, kind = 'primary', onAct }: ActionButtonProps) {
  const left = useCountdown(problem);
  const again = problem?.retryAfterSeconds !== undefined;
  const idle = busy || left > 0;
  return (
    <button
      type={onAct === undefined ? 'submit' : 'button'}
      class={kind}
      // Not `disabled`, which would take the focus away from it.
      aria-disabled={idle}
      onClick={(event) => {
        if (idle) event.preventDefault();
        else onAct?.();
      }}
    >
      {busy ? busyName : again ? 'Try again' : name}
      <Wait seconds={busy ? 0 : left} />
    </button>
  );
}

import type { Problem } from '../api/problem.ts';
import { useCountdown, Wait } from './countdown.tsx';

interface ActionButtonProps {
  /** Label. */
  readonly name: string;
  /** Label during the call. */
  readonly busyName: string;
  readonly busy: boolean;
  /** The last error. If a retry may help, the button offers one after RetryInfo. */
  readonly problem: Problem | undefined;
  readonly kind?: 'primary' | 'danger';
  /** Default: submit the form. */
  readonly onAct?: () => void;
}

/** The button of a call. Keeps its place and the focus. */
export function ActionButton({ name, busyName, busy, problem, kind = 'primary', onAct }: ActionButtonProps) {
  const left = useCountdown(problem);
  const again = problem?.retryAfterSeconds !== undefined;
  const idle = busy || left > 0;
  return (
    <button
      type={onAct === undefined ? 'submit' : 'button'}
      class={kind}
      // Not `disabled`, which loses the focus.
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

import type { ComponentChildren } from 'preact';
import type { Problem } from '../api/problem.ts';
import { useCountdown, Wait } from './countdown.tsx';
import { Icon } from './icon.tsx';

/**
 * A failure in words, with what to do next. Where repeating helps there is a button for it, which counts down the time that the system asks to
 * wait.
 */
export function ProblemBox({ problem, onRetry, children }: { problem: Problem; onRetry?: () => void; children?: ComponentChildren }) {
  const left = useCountdown(problem);
  const repeatable = onRetry !== undefined && problem.retryAfterSeconds !== undefined;
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <div>
        <p>
          <strong>{problem.title}</strong> {problem.advice}
        </p>
        {children}
        {repeatable && (
          <button
            type="button"
            // Not `disabled`, which would take the focus away from it.
            aria-disabled={left > 0}
            onClick={() => {
              if (left === 0) onRetry();
            }}
          >
            Try again
            <Wait seconds={left} />
          </button>
        )}
        <p class="reason">{problem.reason}</p>
      </div>
    </div>
  );
}

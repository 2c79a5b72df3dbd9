import type { ComponentChildren } from 'preact';
import type { Problem } from '../api/problem.ts';
import { useCountdown, Wait } from './countdown.tsx';
import { Icon } from './icon.tsx';

/**
 * An error with advice. If a retry may help, a button offers one after RetryInfo.
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
            // Not `disabled`, which loses the focus.
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

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../api/problem.ts';

/** Returns the seconds until a retry is allowed. Restarts with each new problem. */
export function useCountdown(problem: Problem | undefined): number {
  const of = useRef(problem);
  const [left, setLeft] = useState(problem?.retryAfterSeconds ?? 0);
  if (of.current !== problem) {
    of.current = problem;
    setLeft(problem?.retryAfterSeconds ?? 0);
  }
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return left;
}

/** The seconds after `Try again`, hidden from screen readers because they change every second. */
export function Wait({ seconds }: { seconds: number }) {
  return seconds > 0 ? <span aria-hidden="true">in {seconds} s</span> : null;
}

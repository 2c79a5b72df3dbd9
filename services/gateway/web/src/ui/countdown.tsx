import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../api/problem.ts';

/** Seconds that are left until a failed call may be repeated; counts from the start with each new problem. */
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

/** The seconds behind `Try again`. They are for the eye: read aloud every second, they would drown everything else. */
export function Wait({ seconds }: { seconds: number }) {
  return seconds > 0 ? <span aria-hidden="true">in {seconds} s</span> : null;
}

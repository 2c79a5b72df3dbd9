import { useEffect, useRef, useState } from 'preact/hooks';
import { type Problem, problemOf } from './problem.ts';

/** Something that a page shows: not there yet, there, or failed; a value stays while it is loaded again. */
export interface Loaded<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly busy: boolean;
  readonly reload: () => void;
  /** Puts a newer value in place, as the answer of a change. */
  readonly put: (value: T) => void;
}

/**
 * Loads when the component appears and whenever an input changes.
 *
 * @param load makes the call; its signal is aborted when the answer is no longer wanted
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[]): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(true);
  const running = useRef<AbortController>(undefined);
  const run = async () => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setBusy(true);
    try {
      const loaded = await load(controller.signal);
      if (controller.signal.aborted) return;
      setValue(loaded);
      setProblem(undefined);
    } catch (error) {
      if (!controller.signal.aborted) setProblem(problemOf(error));
    }
    if (!controller.signal.aborted) setBusy(false);
  };
  useEffect(() => {
    void run();
    return () => running.current?.abort();
  }, inputs);
  return { value, problem, busy, reload: () => void run(), put: setValue };
}

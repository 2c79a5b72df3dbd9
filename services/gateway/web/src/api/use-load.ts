import { useEffect, useRef, useState } from 'preact/hooks';
import { type Problem, problemOfRead } from './problem.ts';

/** A loaded value. The value stays during a reload. */
export interface Loaded<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly busy: boolean;
  readonly reload: () => void;
  /** Replaces the value, as after a change. */
  readonly put: (value: T) => void;
}

/**
 * Loads when the component appears and whenever an input changes.
 *
 * @param load makes the call; the signal is aborted when the response is no longer needed
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
      if (!controller.signal.aborted) setProblem(problemOfRead(error));
    }
    if (!controller.signal.aborted) setBusy(false);
  };
  useEffect(() => {
    void run();
    return () => running.current?.abort();
  }, inputs);
  return { value, problem, busy, reload: () => void run(), put: setValue };
}

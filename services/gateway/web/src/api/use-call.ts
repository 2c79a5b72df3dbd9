import { useEffect, useRef, useState } from 'preact/hooks';
import { type Problem, problemOf } from './problem.ts';

/** An action of the person at the screen: a call that is under way, has failed, or is not made yet. */
export interface Call<Input> {
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  /** Makes the call; while one is under way it does nothing, so a double click is one click. */
  readonly run: (input: Input) => void;
  readonly forget: () => void;
}

/**
 * @param call what to do; it gets a signal that is aborted when the component goes
 * @param done what to do with the answer
 */
export function useCall<Input, Output>(
  call: (input: Input, signal: AbortSignal) => Promise<Output>,
  done: (output: Output, input: Input) => void,
): Call<Input> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  // State is set with the next rendering, too late for a second click in the same moment.
  const underWay = useRef(false);
  const lifetime = useLifetime();
  const make = async (input: Input) => {
    if (underWay.current) return;
    underWay.current = true;
    setBusy(true);
    const signal = lifetime();
    try {
      const output = await call(input, signal);
      if (signal.aborted) return;
      setProblem(undefined);
      done(output, input);
    } catch (error) {
      if (!signal.aborted) setProblem(problemOf(error));
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  };
  return { busy, problem, run: (input) => void make(input), forget: () => setProblem(undefined) };
}

/** A function that gives the signal of the component's life. */
function useLifetime(): () => AbortSignal {
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  return () => {
    controller.current ??= new AbortController();
    return controller.current.signal;
  };
}

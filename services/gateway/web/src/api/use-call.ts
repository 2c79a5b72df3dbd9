import { useEffect, useRef, useState } from 'preact/hooks';
import { type Problem, problemOf } from './problem.ts';

/** A call that the user makes, with its state. */
export interface Call<Input> {
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  /** Makes the call. Ignored during a call, so a double click makes one call. */
  readonly run: (input: Input) => void;
  readonly forget: () => void;
}

/**
 * @param call makes the call; the signal is aborted when the component unmounts
 * @param done handles the response
 */
export function useCall<Input, Output>(
  call: (input: Input, signal: AbortSignal) => Promise<Output>,
  done: (output: Output, input: Input) => void,
): Call<Input> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  // State changes at the next rendering, too late for a double click.
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

/** Returns a function that returns a signal, which is aborted when the component unmounts. */
function useLifetime(): () => AbortSignal {
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  return () => {
    controller.current ??= new AbortController();
    return controller.current.signal;
  };
}

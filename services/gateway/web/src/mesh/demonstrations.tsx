import { Code, ConnectError } from '@connectrpc/connect';
import { useState } from 'preact/hooks';
import { type ListDemonstrationsResponse, type Play, Play_Outcome } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { type Loaded, useLoad } from '../api/use-load.ts';
import { ProblemBox } from '../ui/problem-box.tsx';
import { observer } from './use-mesh.ts';

/** What the observer can play. */
export type LoadedDemonstrations = Loaded<ListDemonstrationsResponse>;

/** Asks once for what can be played. */
export function useDemonstrations(): LoadedDemonstrations {
  return useLoad((signal) => observer.listDemonstrations({}, { signal }), []);
}

/** The demonstrations that can be played: a button for each, which stops the one that is played. */
export function Demonstrations({ play, loaded: { value, problem, reload } }: { play: Play | undefined; loaded: LoadedDemonstrations }) {
  const [refusal, setRefusal] = useState<Problem>();
  const isRunning = play?.outcome === Play_Outcome.RUNNING;
  const act = async (call: () => Promise<unknown>) => {
    try {
      setRefusal(undefined);
      await call();
    } catch (error) {
      setRefusal(refusalOf(error));
    }
  };
  if (problem !== undefined) return <ProblemBox problem={problem} onRetry={reload} />;
  return (
    <>
      <ul class="mesh-demos">
        {value?.demonstrations.map(({ name, system, title, seconds }) => {
          const isThis = isRunning && play?.name === name && play.system === system;
          return (
            <li key={`${system}/${name}`} class={isThis ? 'playing' : undefined}>
              <button
                type="button"
                aria-disabled={isRunning && !isThis}
                onClick={() => {
                  if (isThis) void act(() => observer.stopDemonstration({}));
                  else if (!isRunning) void act(() => observer.playDemonstration({ name, system }));
                }}
              >
                <svg viewBox="0 0 20 24" aria-hidden="true">
                  <path d={isThis ? 'M3,5 h14 v14 h-14z' : 'M4,4 l14,8 l-14,8z'} />
                </svg>
                <span>
                  <span class="mesh-demo-name">
                    <span class={isThis ? undefined : 'unseen'}>{isThis ? 'Stop' : 'Play'} </span>
                    {isThis ? name : capital(name)}
                  </span>
                  <span class="mesh-demo-title">
                    {capital(title)}. {seconds}&nbsp;s
                  </span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {refusal !== undefined && <ProblemBox problem={refusal} />}
    </>
  );
}

/** Why a demonstration does not begin: the observer's sentence says what to do. */
function refusalOf(error: unknown): Problem {
  const failure = ConnectError.from(error);
  const problem = problemOf(failure);
  return failure.code === Code.FailedPrecondition ? { ...problem, advice: `${capital(failure.rawMessage)}` } : problem;
}

/** A text that begins a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

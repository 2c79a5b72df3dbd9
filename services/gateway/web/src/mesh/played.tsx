import { timestampMs } from '@bufbuild/protobuf/wkt';
import { type Demonstration, type Play, Play_Outcome } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';
import { Command } from '../ui/command.tsx';
import { Icon } from '../ui/icon.tsx';
import { capital } from './demonstrations.tsx';
import { PolicyPlace } from './policy-lines.tsx';
import { Timeline } from './timeline.tsx';

const OUTCOMES: Readonly<Record<Play_Outcome, string>> = {
  [Play_Outcome.OUTCOME_UNSPECIFIED]: '',
  [Play_Outcome.RUNNING]: '',
  [Play_Outcome.ENDED]: 'Played to the end. Everything that it changed is as before.',
  [Play_Outcome.CUT_SHORT]: 'Stopped. Everything that it changed is as before.',
  [Play_Outcome.FAILED]: 'It failed.',
};

/** The demonstration that is played, or was played last: how it goes second by second, and what decides it. */
export function Played({ play, demonstration }: { play: Play; demonstration: Demonstration }) {
  const isRunning = play.outcome === Play_Outcome.RUNNING;
  const elapsed = Math.max(0, Math.round((Date.now() - (play.startTime ? timestampMs(play.startTime) : Date.now())) / 1000));
  return (
    <section class="mesh-played" aria-label={`The demonstration ${demonstration.name}`}>
      <div>
        <h3>
          {capital(demonstration.name)}: {demonstration.title}
        </h3>
        <p>{demonstration.description}</p>
        <p class="mesh-phase" role="status">
          {isRunning ? play.phaseTitle || 'Getting ready' : `${OUTCOMES[play.outcome]} ${play.message}`.trim()}
        </p>
        {isRunning && (
          <progress max={demonstration.seconds} value={Math.min(elapsed, demonstration.seconds)} aria-label="How far it has come" />
        )}
        <Findings findings={play.findings} />
        <Timeline seconds={play.seconds} planned={demonstration.seconds} extra={demonstration.extra} />
        <p class="quiet">On a terminal:</p>
        <Command>{demonstration.command}</Command>
      </div>
      {demonstration.clauses.length > 0 && (
        <div class="mesh-clauses">
          <h4>The lines that decide it</h4>
          <ul>
            {demonstration.clauses.map(({ text, meaning, place }) => (
              <li key={place ? `${place.file}:${place.line}` : text}>
                <p>{meaning === '' ? text : capital(meaning)}</p>
                {place && <PolicyPlace place={place} />}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

/** Promises of the policies and services, each with what was observed. */
function Findings({ findings }: { findings: Play['findings'] }) {
  if (findings.length === 0) return null;
  return (
    <ul class="mesh-findings" aria-label="Promises and observations">
      {findings.map(({ held, promise, seen }) => (
        <li key={promise} class={held ? undefined : 'bad'}>
          <Icon name={held ? 'check' : 'warning'} />
          <span>
            {!held && <span class="unseen">Not kept: </span>}
            {capital(promise)}: <span class="quiet">{seen}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

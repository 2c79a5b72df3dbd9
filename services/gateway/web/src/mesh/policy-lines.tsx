import { useId, useState } from 'preact/hooks';
import type { ExplainCallResponse_Statement, Place } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';
import { useLoad } from '../api/use-load.ts';
import { Command } from '../ui/command.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { observer } from './use-mesh.ts';

/** The policy of calls: statements, each with the lines of its policy file. */
export function PolicyLines({ caller, methods }: { caller: string; methods: readonly string[] }) {
  const [chosen, choose] = useState<string>();
  const id = useId();
  const method = chosen !== undefined && methods.includes(chosen) ? chosen : methods.at(-1);
  if (method === undefined) return null;
  return (
    <section class="mesh-policy" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>What decides it</h3>
      {methods.length > 1 && (
        <p class="mesh-choice">
          <label for={id}>Method</label>
          <select id={id} value={method} onChange={({ currentTarget }) => choose(currentTarget.value)}>
            {methods.map((each) => (
              <option key={each} value={each}>
                {each.split('/').at(-1)}
              </option>
            ))}
          </select>
        </p>
      )}
      <Explanation key={method} caller={caller} method={method} />
    </section>
  );
}

function Explanation({ caller, method }: { caller: string; method: string }) {
  const { value, problem, reload } = useLoad((signal) => observer.explainCall({ caller, method }, { signal }), [caller, method]);
  if (problem !== undefined) return <ProblemBox problem={problem} onRetry={reload} />;
  if (value === undefined) return <p class="quiet">Reading the policies …</p>;
  return (
    <>
      {value.sections.map(({ title, statements }, i) => (
        <details key={title} class="mesh-section" open={i < 3}>
          <summary>
            {title} <span class="quiet">{statements.length}</span>
          </summary>
          <ul>
            {statements.map((statement) => (
              <StatementItem key={statement.text} statement={statement} />
            ))}
          </ul>
        </details>
      ))}
      <p class="quiet">The same on a terminal:</p>
      <Command>{`npm run mesh -- explain ${caller} ${method}`}</Command>
    </>
  );
}

function StatementItem({ statement: { text, places, otherwise } }: { statement: ExplainCallResponse_Statement }) {
  return (
    <li>
      <p>{text}</p>
      {places.map((place) => (
        <PolicyPlace key={`${place.file}:${place.line}`} place={place} />
      ))}
      {places.length === 0 && otherwise !== '' && <p class="mesh-source quiet">{otherwise}: no line says it.</p>}
    </li>
  );
}

/** Lines of a policy file, with their numbers; the one that decides is marked. */
export function PolicyPlace({ place: { file, line, excerpt, firstLine } }: { place: Place }) {
  return (
    <figure class="mesh-source">
      <figcaption>
        {file}:{line}
      </figcaption>
      <pre>
        {excerpt.split('\n').map((text, i) => {
          const number = firstLine + i;
          const kind = number === line ? 'deciding' : /^\s*#/.test(text) ? 'comment' : undefined;
          return (
            <code key={number} class={kind}>
              <span class="mesh-line-number" aria-hidden="true">
                {number}
              </span>
              {number === line ? <mark>{text}</mark> : <span>{text}</span>}
            </code>
          );
        })}
      </pre>
    </figure>
  );
}

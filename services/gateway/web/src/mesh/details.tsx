import { useId } from 'preact/hooks';
import { Status } from '../ui/status.tsx';
import { duration, NOTHING, number, perSecond, share } from './figures.ts';
import type { History } from './history.ts';
import { type Figures, type Link, type Part, reasonInWords } from './links.ts';
import { PolicyLines } from './policy-lines.tsx';
import { Sparkline } from './sparkline.tsx';

/** The calls of one line: counters, the last minute, and the policy lines that apply. */
export function Details({ link, history }: { link: Link; history: History }) {
  const heading = useId();
  return (
    <section class="mesh-details" aria-labelledby={heading}>
      <h2 id={heading}>
        {link.from} <span aria-hidden="true">→</span>
        <span class="unseen"> to </span> {link.to}
      </h2>
      {link.parts.map((part) => (
        <PartState key={part.name} part={part} isOnly={link.parts.length === 1} />
      ))}
      <FigureList figures={link} />
      <Sparkline points={history.get(link.id) ?? []} name={`${link.from} to ${link.to}`} />
      <PolicyLines key={link.id} caller={link.from} methods={link.methods} />
    </section>
  );
}

/** The circuit of a part, with its limits. */
function PartState({ part: { call }, isOnly }: { part: Part; isOnly: boolean }) {
  const { circuit, subset } = call;
  const calls = circuit?.limits.find(({ name }) => name === 'calls');
  return (
    <p class="mesh-part">
      {!isOnly && <span class="mesh-subset">{subset === '' ? 'all others' : subset}</span>}
      {circuit?.open === true ? (
        <>
          <Status tone="bad">Circuit open</Status> <span>{reasonInWords(call)}</span>
        </>
      ) : (
        <>
          <Status tone="good">Circuit closed</Status>
          {calls !== undefined && (
            <span class="quiet">
              {number(calls.limit - calls.left)} of {number(calls.limit)} calls at once
            </span>
          )}
        </>
      )}
    </p>
  );
}

/** Names and formats of the counters. */
export const FIGURES: readonly {
  readonly name: string;
  readonly of: (figures: Figures) => string;
  readonly isBad?: (figures: Figures) => boolean;
}[] = [
  { name: 'Calls', of: ({ calls }) => perSecond(calls) },
  { name: 'Success', of: ({ success }) => share(success), isBad: ({ success }) => (success ?? 1) < 1 },
  { name: 'p50', of: ({ p50 }) => duration(p50) },
  { name: 'p99', of: ({ p99 }) => duration(p99) },
  { name: 'Retries', of: ({ retries }) => perSecond(retries) },
  { name: 'Refused', of: ({ refused }) => perSecond(refused), isBad: ({ refused }) => refused > 0 },
  { name: 'Timeouts', of: ({ timeouts }) => perSecond(timeouts), isBad: ({ timeouts }) => timeouts > 0 },
  { name: 'Under way', of: ({ inFlight }) => (inFlight === 0 ? NOTHING : number(inFlight)) },
];

function FigureList({ figures }: { figures: Figures }) {
  return (
    <dl class="mesh-figures">
      {FIGURES.map(({ name, of, isBad }) => (
        <div key={name} class={isBad?.(figures) ? 'bad' : undefined}>
          <dt>{name}</dt>
          <dd>{of(figures)}</dd>
        </div>
      ))}
    </dl>
  );
}

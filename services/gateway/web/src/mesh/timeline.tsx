import { useId } from 'preact/hooks';
import type { PlayedSecond } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';
import { capital } from './demonstrations.tsx';
import { duration, NOTHING } from './figures.ts';

const STEP = 20;
const NAMES = 16;
const ANSWERS = NAMES + 96;
const BAND = 14;
const TIMES = 44;
const GAP = 8;

/** What the name of a phase takes; a phase that is shorter has none. */
const NAME_WIDTH = 40;

/** Outcomes of a call, from the bottom of a bar up. */
const OUTCOMES = [
  { key: 'reserved', name: 'Succeeded' },
  { key: 'expired', name: 'Expired' },
  { key: 'refused', name: 'Refused at once' },
  { key: 'unexpected', name: 'Failed otherwise' },
] as const;

/** A demonstration second by second: answers to users, open circuits, and response times. @param extra title of a column of its own, or empty */
export function Timeline({ seconds, planned, extra }: { seconds: readonly PlayedSecond[]; planned: number; extra: string }) {
  const caption = useId();
  const shown = Math.max(planned, seconds.length);
  const width = shown * STEP;
  const most = Math.max(10, ...seconds.map((second) => OUTCOMES.reduce((sum, { key }) => sum + second[key], 0)));
  const slowest = Math.max(100, ...seconds.map(({ reservedP99Ms = 0 }) => reservedP99Ms));
  const times = ANSWERS + BAND + 2 * GAP;
  const points = seconds.flatMap(({ reservedP99Ms }, i) =>
    reservedP99Ms === undefined ? [] : [`${i * STEP + STEP / 2},${(times + TIMES - (reservedP99Ms / slowest) * TIMES).toFixed(1)}`],
  );
  return (
    <figure class="mesh-timeline" aria-labelledby={caption}>
      <svg aria-hidden="true" viewBox={`0 0 ${width} ${times + TIMES}`}>
        <defs>
          <pattern id="mesh-expired" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
            <rect class="mesh-expired-ground" width="5" height="5" />
            <line class="mesh-expired-line" x1="0" y1="0" x2="0" y2="5" />
          </pattern>
        </defs>
        {phasesOf(seconds).map(({ name, start, length }) => (
          <g key={start}>
            <line class="mesh-phase-line" x1={start * STEP} y1="0" x2={start * STEP} y2={times + TIMES} />
            {length * STEP > NAME_WIDTH && (
              <text class="mesh-phase-name" x={start * STEP + 4} y="11">
                {name}
              </text>
            )}
          </g>
        ))}
        {seconds.map((second, i) => (
          <Bar key={i} second={second} x={i * STEP} most={most} />
        ))}
        <line class="mesh-axis" x1="0" y1={ANSWERS} x2={width} y2={ANSWERS} />
        {seconds.map(
          ({ openCircuits, ejected }, i) =>
            openCircuits.length + ejected.length > 0 && (
              <rect
                key={i}
                class={openCircuits.length > 0 ? 'mesh-open-band' : 'mesh-ejected-band'}
                x={i * STEP}
                y={ANSWERS + GAP / 2}
                width={STEP}
                height={BAND}
              />
            ),
        )}
        <polyline class="mesh-time" points={points.join(' ')} />
        <line class="mesh-axis" x1="0" y1={times + TIMES - 0.5} x2={width} y2={times + TIMES - 0.5} />
      </svg>
      <figcaption id={caption} class="mesh-legend">
        {OUTCOMES.filter(({ key }) => key !== 'unexpected' || seconds.some((second) => second[key] > 0)).map(({ key, name }) => (
          <span key={key}>
            <i class={`mesh-swatch ${key}`} /> {name}
          </span>
        ))}
        <span>
          <i class="mesh-swatch open-band" /> Circuit open
        </span>
        <span>
          <i class="mesh-swatch ejected-band" /> Replica ejected
        </span>
        <span>
          <i class="mesh-swatch time" /> p99 of successes, at most {duration(slowest)}
        </span>
      </figcaption>
      <TimelineTable seconds={seconds} extra={extra} />
    </figure>
  );
}

function phasesOf(seconds: readonly PlayedSecond[]): { name: string; start: number; length: number }[] {
  const starts = seconds.flatMap(({ phase }, i) => (phase === seconds[i - 1]?.phase ? [] : [i]));
  return starts.map((start, i) => ({ name: seconds[start]?.phase ?? '', start, length: (starts[i + 1] ?? seconds.length) - start }));
}

function Bar({ second, x, most }: { second: PlayedSecond; x: number; most: number }) {
  let y = ANSWERS;
  return (
    <g>
      {OUTCOMES.map(({ key }) => {
        const height = (second[key] / most) * (ANSWERS - NAMES);
        y -= height;
        return (
          height > 0 && (
            <rect
              key={key}
              class={`mesh-bar ${key}`}
              x={x + 2}
              y={y}
              width={STEP - 4}
              height={height}
              fill={key === 'expired' ? 'url(#mesh-expired)' : undefined}
            />
          )
        );
      })}
    </g>
  );
}

function TimelineTable({ seconds, extra }: { seconds: readonly PlayedSecond[]; extra: string }) {
  return (
    <details>
      <summary>Second by second, as a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section class="mesh-scroll" tabIndex={0} aria-label="Second by second">
        <table class="mesh-table">
          <thead>
            <tr>
              <th scope="col">Second</th>
              <th scope="col">Phase</th>
              <th scope="col">Succeeded</th>
              <th scope="col">Expired</th>
              <th scope="col">Refused</th>
              <th scope="col">p99</th>
              <th scope="col">p99 of refusals</th>
              <th scope="col">Retries</th>
              {extra !== '' && <th scope="col">{capital(extra)}</th>}
              <th scope="col">Open circuits and ejected replicas</th>
            </tr>
          </thead>
          <tbody>
            {seconds.map((second, i) => (
              <tr key={i}>
                <th scope="row">{i + 1}</th>
                <td data-label="Phase">{second.phase}</td>
                <td data-label="Succeeded">{second.reserved}</td>
                <td data-label="Expired">{second.expired}</td>
                <td data-label="Refused">{second.refused}</td>
                <td data-label="p99">{duration(second.reservedP99Ms)}</td>
                <td data-label="p99 of refusals">{duration(second.refusedP99Ms)}</td>
                <td data-label="Retries">{second.retries}</td>
                {extra !== '' && <td data-label={capital(extra)}>{second.extra || NOTHING}</td>}
                <td data-label="Open or ejected">{[...second.openCircuits, ...second.ejected].join(', ') || NOTHING}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

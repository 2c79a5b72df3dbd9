import { duration, perSecond } from './figures.ts';
import { LENGTH, type Point } from './history.ts';

const WIDTH = 360;
const CALLS = 56;
const TIMES = 34;
const GAP = 10;
const STEP = WIDTH / LENGTH;

/** The last minute of some calls: how many, which of them failed, when the circuit was open, and how long they took. */
export function Sparkline({ points, name }: { points: readonly Point[]; name: string }) {
  const most = Math.max(1, ...points.map(({ calls }) => calls));
  const slowest = Math.max(10, ...points.map(({ p99 }) => p99 ?? 0));
  const x = (i: number) => WIDTH - (points.length - i) * STEP;
  const high = (calls: number) => (calls / most) * CALLS;
  const top = CALLS + GAP;
  const line = points.flatMap(({ p99 }, i) =>
    p99 === undefined ? [] : [`${(x(i) + STEP / 2).toFixed(1)},${(top + TIMES - (p99 / slowest) * TIMES).toFixed(1)}`],
  );
  return (
    <figure class="mesh-spark">
      <svg role="img" aria-label={inWords(name, points)} viewBox={`0 0 ${WIDTH} ${top + TIMES}`}>
        {points.map(({ isOpen }, i) => isOpen && <rect class="mesh-open-band" x={x(i)} y="0" width={STEP + 0.5} height={CALLS} />)}
        {points.map(({ calls, failed }, i) => (
          <g key={i - points.length}>
            <rect
              class="mesh-bar good"
              x={x(i) + 0.5}
              y={CALLS - high(calls)}
              width={STEP - 1}
              height={high(Math.max(0, calls - failed))}
            />
            {failed > 0 && <rect class="mesh-bar bad" x={x(i) + 0.5} y={CALLS - high(failed)} width={STEP - 1} height={high(failed)} />}
          </g>
        ))}
        <line class="mesh-axis" x1="0" y1={CALLS} x2={WIDTH} y2={CALLS} />
        <polyline class="mesh-time" points={line.join(' ')} />
        <line class="mesh-axis" x1="0" y1={top + TIMES - 0.5} x2={WIDTH} y2={top + TIMES - 0.5} />
      </svg>
      <figcaption class="quiet">
        The last minute: calls, at most {perSecond(most)}; below, p99, at most {duration(slowest)}. Red: no success; shaded: circuit open.
      </figcaption>
    </figure>
  );
}

function inWords(name: string, points: readonly Point[]): string {
  const seconds = points.filter(({ isOpen }) => isOpen).length;
  return `Calls from ${name} in the last minute; the circuit was open in ${seconds} of ${points.length} seconds.`;
}

import { duration, number, perSecond, share } from './figures.ts';
import { along, type Line, type Point, roundedPath } from './layout.ts';
import type { Link } from './links.ts';

/** How far from the caller its circuit is drawn: it acts in the caller's sidecar. */
const SWITCH_AT = 20;
/** The switch leaves a gap of this length in the line. */
const SWITCH_LENGTH = 14;

/** The calls from one workload to another: a line with a circuit switch at its caller, and a label where calls are made. */
export function PictureLink({
  line,
  link,
  isChosen,
  isNarrow,
  onChoose,
}: {
  line: Line;
  link: Link;
  isChosen: boolean;
  isNarrow: boolean;
  onChoose: () => void;
}) {
  const path = roundedPath(line.points);
  const end = arrowHead(line.points);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button in it is the element that is pressed
    <g class={['mesh-link', kindOf(link), isChosen ? 'chosen' : ''].join(' ')} onClick={onChoose}>
      {/* biome-ignore lint/a11y/useSemanticElements: SVG has no button */}
      <g
        role="button"
        tabindex={0}
        aria-pressed={isChosen}
        aria-label={spoken(link)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          onChoose();
        }}
      >
        <path class="mesh-reach" d={path} />
        <path class="mesh-line" d={path} style={{ strokeWidth: `${thickness(link.calls)}px` }} />
        {link.calls > 0 && !link.isOpen && <path class="mesh-flow" d={path} />}
        <path class="mesh-arrow" d={end} />
        <Switch at={along(line.points, SWITCH_AT)} isOpen={link.isOpen} />
      </g>
      <Label at={line.label} link={link} isNarrow={isNarrow} />
    </g>
  );
}

/** The worst problem decides the style. */
function kindOf({ isOpen, failed, refused, timeouts, isUsed, calls }: Link): string {
  if (isOpen) return 'open';
  if (failed + refused + timeouts > 0) return 'failing';
  if (calls > 0) return 'busy';
  return isUsed ? 'idle' : 'declared';
}

/** The accessible name of a line. Without counters, which change every second. */
function spoken({ from, to, isOpen, isUsed }: Link): string {
  const state = isOpen ? 'circuit open' : isUsed ? 'circuit closed' : 'not called yet';
  return `Calls from ${from} to ${to}, ${state}`;
}

/** Logarithmic: ten times the calls are one step thicker. */
function thickness(calls: number): number {
  return 1.5 + Math.min(3, Math.log10(1 + calls));
}

function arrowHead(points: readonly Point[]): string {
  const [before, tip] = points.slice(-2);
  if (before === undefined || tip === undefined) return '';
  const angle = Math.atan2(tip.y - before.y, tip.x - before.x);
  const wing = (turn: number) => `${(tip.x - 9 * Math.cos(angle + turn)).toFixed(1)},${(tip.y - 9 * Math.sin(angle + turn)).toFixed(1)}`;
  return `M${wing(0.45)}L${tip.x.toFixed(1)},${tip.y.toFixed(1)}L${wing(-0.45)}`;
}

/** A switch as circuit diagrams have it: two contacts, and a lever that is down on the second one, or lifted. */
function Switch({ at, isOpen }: { at: Point & { angle: number }; isOpen: boolean }) {
  return (
    <g class="mesh-switch" transform={`translate(${at.x} ${at.y}) rotate(${at.angle}) scale(${isOpen ? 1.4 : 1})`}>
      <rect class="mesh-gap" x={-SWITCH_LENGTH / 2} y="-5" width={SWITCH_LENGTH} height="10" />
      <line class={`mesh-lever ${isOpen ? 'lifted' : ''}`} x1={-SWITCH_LENGTH / 2} y1="0" x2={SWITCH_LENGTH / 2} y2="0" />
      <circle cx={-SWITCH_LENGTH / 2} cy="0" r="2.5" />
      <circle cx={SWITCH_LENGTH / 2} cy="0" r="2.5" />
    </g>
  );
}

function Label({ at, link, isNarrow }: { at: Point; link: Link; isNarrow: boolean }) {
  const [first, second] = isNarrow ? narrowWords(link) : words(link);
  if (first === '') return null;
  const [width, height] = isNarrow ? [46, 32] : [102, 36];
  return (
    <g class="mesh-label" transform={`translate(${at.x} ${at.y})`}>
      <rect class="mesh-plate" x={-width / 2} y={-height / 2} width={width} height={height} rx="8" />
      <text class="mesh-first" y={second === '' ? 4 : -3} text-anchor="middle">
        {first}
      </text>
      {second !== '' && (
        <text class="mesh-second" y="11" text-anchor="middle">
          {second}
        </text>
      )}
    </g>
  );
}

/** The two lines of a label; empty where no calls are made. */
function words(link: Link): readonly [string, string] {
  const { isOpen, calls, refused, retries, success, p99 } = link;
  if (isOpen) return ['OPEN', refused > 0 ? `${number(refused)}/s refused` : 'refuses calls'];
  if (calls === 0) return ['', ''];
  const more = retries > 0 ? `↻ ${perSecond(retries)}` : p99 === undefined ? '' : `p99 ${duration(p99)}`;
  return [success !== undefined && success < 1 ? `${perSecond(calls)} · ${share(success)}` : perSecond(calls), more];
}

function narrowWords(link: Link): readonly [string, string] {
  const { isOpen, calls, success, p99 } = link;
  if (isOpen) return ['OPEN', ''];
  if (calls === 0) return ['', ''];
  return [perSecond(calls), success !== undefined && success < 1 ? share(success) : p99 === undefined ? '' : duration(p99)];
}

// A slow car: its callers are refused at once instead of waiting. `npm run demo:circuit [-- --users N --seconds N]`.
import { quantile } from '../terminal/quantile.ts';
import type { Answer } from './load.ts';
import { type Finding, type Play, play } from './play.ts';
import { CIRCUIT } from './scenarios.ts';
import { seconds, times } from './words.ts';

/** The end of the recovery, in which all is as it was; milliseconds. */
const LAST = 2000;

await play({ scenario: CIRCUIT, findings });

function findings(play: Play): Finding[] {
  const { answers, span, policy } = play;
  const [slow, well] = [span('slow'), span('well')];
  // What was under way when car became slow met both.
  const healthy = answers('healthy').filter(({ start, took }) => start + took < slow.start);
  const [reserved, expired, refused] = [answers('slow', 'reserved'), answers('slow', 'expired'), answers('slow', 'refused')];
  const opened = play.openings();
  const refusal = (q: number) => quantile(tookOf(refused), q);
  const last = answers('well').filter(({ start }) => start > well.end - LAST);
  const waited = quantile(tookOf(answers('slow')), 0.99);
  const again = Math.min(...answers('well', 'reserved').map(({ start, took }) => start + took - well.start));
  return [
    {
      held: healthy.length > 0 && madeOf(healthy) === healthy.length,
      promise: 'while car is well, everyone gets a car',
      seen: `${madeOf(healthy)} of ${healthy.length}, p99 ${quantile(tookOf(healthy), 0.99).toFixed(0)} ms`,
    },
    {
      held: reserved.length > 0 && waited < 2 * policy.timeout.value,
      promise: `while it is slow, nobody waits twice as long as ${seconds(policy.timeout.value)}`,
      seen: `${reserved.length} reserved, ${expired.length} given up, p99 ${seconds(waited)}`,
    },
    {
      held: opened > 0 && refused.length > 0,
      promise: 'failures in a row open the circuit',
      seen: `${times(opened)}, ${refused.length} callers were refused`,
    },
    {
      held: refusal(0.5) < policy.timeout.value / 2,
      promise: 'who is refused does not wait for car',
      seen: [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${refusal(share).toFixed(0)} ms`).join(', '),
    },
    {
      held: [...refused, ...expired].every(({ retryAfter }) => retryAfter > 0),
      promise: 'every refusal says when to try again',
      seen: `Retry-After on ${[...refused, ...expired].filter(({ retryAfter }) => retryAfter > 0).length} of ${refused.length + expired.length}`,
    },
    {
      held: Number.isFinite(again),
      promise: 'cars are reserved again when the circuit closes after the recovery',
      seen: `${seconds(again)} after it, with baseEjectionTime ${seconds(policy.circuit.baseEjectionTime.value)}`,
    },
    {
      held: last.length > 0 && madeOf(last) === last.length,
      promise: 'and soon everyone gets a car again',
      seen: `${madeOf(last)} of ${last.length} in the last ${seconds(LAST)}`,
    },
  ];
}

function tookOf(answers: readonly Answer[]): number[] {
  return answers.map(({ took }) => took);
}

/** How many of the answers are reservations. */
function madeOf(answers: readonly Answer[]): number {
  return answers.filter(({ outcome }) => outcome === 'reserved').length;
}

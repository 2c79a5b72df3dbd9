// A slow car: its callers are refused at once instead of waiting. `npm run demo:circuit [-- --users N --seconds N]`.
import { quantile } from '../../bench/figures.ts';
import type { Answer } from './load.ts';
import { type Finding, type Play, play, seconds, times } from './play.ts';

/** How long car takes, in milliseconds: of three calls about one is over the timeout of 1 s. */
const SLOW = { delayMsMin: 800, delayMsMax: 1100 };

/**
 * The longest that a refused caller waits, in milliseconds, and for which share of them it has to hold here: all but one in a hundred where
 * nothing else runs (test/resilience holds it to that), fewer where a person does other things on the machine.
 */
const FAST = 50;
const FAST_SHARE = 0.9;

/** What a reservation takes beside its call to car, on a machine that is busy; milliseconds. */
const OWN_TIME = 500;

/** From the end of the fault until a reservation is made again; milliseconds. */
const RECOVERY = 1000;

/** For how long it is waited at most for the circuit to open, after the seconds that were asked for. */
const MOST_MORE_SECONDS = 5;

/** The end of the recovery, in which all is as it was; milliseconds. */
const LAST = 2000;

await play({
  name: 'circuit',
  title: 'a slow car, and who waits for it',
  replicas: 1,
  defaults: { users: 50, seconds: 10 },
  about: ({ timeout }, { users, seconds: length }) =>
    [
      'A few users reserve.',
      `After 3 s car takes ${SLOW.delayMsMin} to ${SLOW.delayMsMax} ms for each answer, for ${length} s, and ${users} users come.`,
      `What takes over ${seconds(timeout.value)} is given up; some in a row open the circuit:`,
      'users are refused at once (503, Retry-After) instead of waiting.',
    ].join(' '),
  clauses: ({ timeout, consecutiveGatewayErrors, baseEjectionTime, interval, maxEjectionPercent }) => [
    [timeout, 'longest wait for car'],
    [consecutiveGatewayErrors, 'failures that open it'],
    [baseEjectionTime, 'open so long at first'],
    [interval, 'checked so often'],
    [maxEjectionPercent, 'the only replica too'],
  ],
  script: async (play) => {
    const { phase, users, scene, options } = play;
    users({ users: Math.min(10, options.users), rest: 250 });
    await phase('healthy', 3);
    await scene.fault('car', SLOW);
    // As hey, siege and other load generators do: without any rest. What is refused comes back when it was told to.
    users({ users: options.users, rest: 0 });
    await phase('slow', options.seconds);
    // It is a matter of luck how many calls in a row are over the timeout.
    for (let more = 0; more < MOST_MORE_SECONDS && openings(play) === 0; more++) await phase('slow', 1);
    await scene.heal();
    users({ users: options.users, rest: 500 });
    await phase('well', 4);
  },
  findings,
});

/** How often the circuit has opened since car became slow. */
function openings({ span, stage }: Play): number {
  return (stage.samples.at(-1)?.traffic.ejections ?? 0) - (stage.sampleAt(span('slow').start)?.ejections ?? 0);
}

function findings(play: Play): Finding[] {
  const { answers, span, policy } = play;
  const [slow, well] = [span('slow'), span('well')];
  // What was under way when car became slow met both.
  const healthy = answers('healthy').filter(({ start, took }) => start + took < slow.start);
  const [reserved, expired, refused] = [answers('slow', 'reserved'), answers('slow', 'expired'), answers('slow', 'refused')];
  const opened = openings(play);
  const refusal = (q: number) => quantile(tookOf(refused), q);
  const last = answers('well').filter(({ start }) => start > well.end - LAST);
  // A machine that is too busy for a reservation in that time is too busy for a refusal.
  const usual = Math.max(quantile(tookOf(healthy), 0.99), quantile(tookOf(last), 0.99));
  const fast = Math.max(FAST, usual);
  const longest = policy.timeout.value + Math.max(OWN_TIME, usual);
  const waited = quantile(tookOf(answers('slow')), 0.99);
  const again = Math.min(...answers('well', 'reserved').map(({ start, took }) => start + took - well.start));
  return [
    {
      held: healthy.length > 0 && madeOf(healthy) === healthy.length,
      promise: 'while car is well, everyone gets a car',
      seen: `${madeOf(healthy)} of ${healthy.length}, p99 ${quantile(tookOf(healthy), 0.99).toFixed(0)} ms`,
    },
    {
      held: reserved.length > 0 && waited <= longest,
      promise: `while it is slow, nobody waits much longer than ${seconds(policy.timeout.value)}`,
      seen: `${reserved.length} reserved, ${expired.length} given up, p99 ${seconds(waited)}`,
    },
    {
      held: opened > 0 && refused.length > 0,
      promise: 'failures in a row open the circuit',
      seen: `${times(opened)}, ${refused.length} callers were refused`,
    },
    {
      held: refusal(FAST_SHARE) <= fast,
      promise:
        refusal(FAST_SHARE) <= FAST ? `refusals come within ${FAST} ms` : `refusals come as soon as reservations (${fast.toFixed(0)} ms)`,
      seen: [0.5, FAST_SHARE, 0.99].map((share) => `p${share * 100} ${refusal(share).toFixed(0)} ms`).join(', '),
    },
    {
      held: [...refused, ...expired].every(({ retryAfter }) => retryAfter > 0),
      promise: 'every refusal says when to try again',
      seen: `Retry-After on ${[...refused, ...expired].filter(({ retryAfter }) => retryAfter > 0).length} of ${refused.length + expired.length}`,
    },
    {
      held: again <= RECOVERY,
      promise: `cars are reserved again within ${seconds(RECOVERY)} of the recovery`,
      seen: seconds(again),
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

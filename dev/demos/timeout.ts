// The deadline of a call reaches car, which does no work that nobody waits for. `npm run demo:timeout [-- --users N --seconds N]`.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Finding, type Play, play } from './play.ts';
import { Probes } from './probes.ts';
import { SLOW_HALF_OF_THE_TIME, TIMEOUT } from './scenarios.ts';
import { seconds } from './words.ts';

/** The deadline that the probes give, in milliseconds. */
const DEADLINE = 400;

let healthy: Probes;
let slow: Probes;
let takenWhileHealthy = 0;

await play({
  scenario: TIMEOUT,
  besides: [
    `Beside them, callers with a deadline of ${seconds(DEADLINE)} who never hang up:`,
    'car itself has to end their calls, and must not take stock.',
  ].join(' '),
  extra: async ({ edge, cars }) => {
    const address = cars[0]?.address ?? '';
    healthy = await Probes.open(edge, address, DEADLINE);
    slow = await Probes.open(edge, address, DEADLINE);
    return {
      title: `within ${DEADLINE} ms`,
      width: 14,
      align: 'right',
      cell: (from, to) => {
        const answers = [...healthy.answers, ...slow.answers].filter(({ at }) => at >= from && at < to);
        const inTime = answers.filter(({ taken }) => taken).length;
        return answers.length === 0 ? '' : `${inTime} of ${answers.length}`;
      },
    };
  },
  beside: async (name, phase, length) => {
    if (name === 'healthy') {
      healthy.begin();
      await phase(1);
      // Sooner than car asks for the first time who vouches for them.
      takenWhileHealthy = await healthy.taken();
      await phase(length - 1);
      await healthy.end();
    } else if (name === TIMEOUT.phase) {
      slow.begin();
      await phase(length);
      await slow.end();
    } else {
      // The longest that a call which is over could still have gone on.
      await Promise.all([sleep(SLOW_HALF_OF_THE_TIME.delayMsMax), phase(length)]);
    }
  },
  findings,
});

async function findings({ answers, policy }: Play): Promise<Finding[]> {
  const users = answers('slow');
  const [reserved, expired, refused] = (['reserved', 'expired', 'refused'] as const).map((outcome) => answers('slow', outcome).length);
  const longest = Math.max(0, ...users.map(({ took }) => took));
  const probes = slow.answers;
  const over = probes.filter(({ expired }) => expired);
  const latest = Math.max(0, ...over.map(({ took }) => took));
  const taken = await slow.taken();
  const inTime = healthy.answers.filter((answer) => answer.taken).length;
  return [
    {
      held: (expired ?? 0) > 0 && longest < 2 * policy.timeout.value,
      promise: `nobody waits twice as long as ${seconds(policy.timeout.value)}`,
      seen: `${reserved} reserved, ${expired} given up, ${refused} refused at once, the longest after ${seconds(longest)}`,
    },
    {
      held: takenWhileHealthy > 0 && inTime === healthy.answers.length,
      promise: 'while car is well it takes stock within the deadline',
      seen: `${inTime} of ${healthy.answers.length} calls, ${takenWhileHealthy} cars in the first second`,
    },
    {
      held: over.length > 0 && over.length === probes.length,
      promise: `car ends every call whose deadline of ${seconds(DEADLINE)} is over`,
      seen: `${over.length} of ${probes.length} with DEADLINE_EXCEEDED, the last after ${seconds(latest)}`,
    },
    {
      held: taken === 0,
      promise: 'and does no work for it',
      seen: `${taken} cars taken for these ${over.length} calls, ${seconds(SLOW_HALF_OF_THE_TIME.delayMsMax)} after the last`,
    },
  ];
}

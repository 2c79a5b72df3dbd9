import { setTimeout as sleep } from 'node:timers/promises';
import { seconds } from '../../../../dev/demos/blocks/words.ts';
import { slowCallee } from '../../../../dev/demos/changes.ts';
import type { Demo, Finding } from '../../../../dev/demos/demo.ts';
import type { PolicyReader } from '../../../../dev/demos/policy.ts';
import type { DemoRecord } from '../../../../dev/demos/record.ts';
import { faultPhases, HEALTHY_SECONDS } from './phases.ts';
import { Probes } from './probes.ts';
import { CHECK_STOCK, startReservations } from './reservations.ts';

/** Half of the users' calls take longer than the timeout of 1 s. */
const DELAY_MS = [600, 1400] as const;
const change = slowCallee({ service: 'car', methods: [CHECK_STOCK.method] }, DELAY_MS);
const WELL_SECONDS = 4;
/** Deadline that the probes send, in milliseconds. */
const DEADLINE_MS = 400;

/** The deadline of a call reaches car, which does no work that nobody waits for. */
export const TIMEOUT: Demo = {
  name: 'timeout',
  title: 'no work for a caller who is gone',
  front: 'reservation',
  callee: 'car',
  defaults: { users: 10, seconds: 8 },
  column: { title: `within ${DEADLINE_MS} ms`, width: 14 },
  about: (policies, options) =>
    [
      `${options.users} users reserve.`,
      `After ${HEALTHY_SECONDS} s car waits ${DELAY_MS[0]} to ${DELAY_MS[1]} ms before it takes stock, for ${options.seconds} s:`,
      `half of the calls take over ${seconds(policyOf(policies).timeout.value)}, and fail.`,
      'Their deadline has reached car, which takes no stock for them.',
      `Beside them, callers with a deadline of ${seconds(DEADLINE_MS)} never hang up:`,
      'car itself has to end their calls, and must not take stock.',
    ].join(' '),
  clauses: (policies) => {
    const { timeout, errors } = policyOf(policies);
    return [
      [timeout, 'longest wait for car'],
      [errors, 'then calls are refused'],
    ];
  },
  phases: (options) => faultPhases(options.users, { name: 'slow', title: 'Car is slow', seconds: options.seconds, change }, WELL_SECONDS),
  start: async (environment) => {
    const timeout = policyOf(environment.policies()).timeout.value;
    const reservations = await startReservations(environment);
    const [car] = await environment.replicas('car');
    const [healthy, slow] = [
      await Probes.open(environment.edge, car?.address ?? '', DEADLINE_MS),
      await Probes.open(environment.edge, car?.address ?? '', DEADLINE_MS),
    ];
    return {
      calls: { next: reservations.next, expiryMs: timeout * 0.9 },
      cell: (from, to) => cell([healthy, slow], from, to),
      beside: async (phase, over) => {
        if (phase === 'healthy') await probeHealthy(healthy, over);
        else if (phase === 'slow') await probe(slow, over);
        // An expired call may go on for so long.
        else await Promise.all([over, sleep(DELAY_MS[1])]);
      },
      check: async (record) => [...(await findings(record, timeout, healthy, slow)), ...(await reservations.check(record))],
      close: async () => {
        await Promise.all([healthy.end(), slow.end()]);
      },
    };
  },
};

function policyOf(policies: PolicyReader) {
  return {
    timeout: policies.route(CHECK_STOCK.host, `/${CHECK_STOCK.method}`).duration('timeout'),
    errors: policies.traffic(CHECK_STOCK.host).setting('outlierDetection', 'consecutiveGatewayErrors'),
  };
}

async function probe(probes: Probes, over: Promise<void>): Promise<void> {
  probes.begin();
  await over;
  await probes.end();
}

/** Reads the stock within the first second: later car asks who vouches for what the probes took. */
async function probeHealthy(probes: Probes, over: Promise<void>): Promise<void> {
  probes.begin();
  await Promise.race([over, sleep(1000)]);
  await probes.noteTaken();
  await over;
  await probes.end();
}

function cell(probes: readonly Probes[], from: number, to: number): string {
  const answers = probes.flatMap((each) => each.answers).filter(({ at }) => at >= from && at < to);
  return answers.length === 0 ? '' : `${answers.filter(({ taken }) => taken).length} of ${answers.length}`;
}

async function findings(record: DemoRecord, timeout: number, healthy: Probes, slow: Probes): Promise<Finding[]> {
  const users = record.answersOf('slow');
  const [made, expired, refused] = (['succeeded', 'expired', 'refused'] as const).map(
    (outcome) => record.answersOf('slow', outcome).length,
  );
  const longest = Math.max(0, ...users.map(({ took }) => took));
  const over = slow.answers.filter((answer) => answer.expired);
  const latest = Math.max(0, ...over.map(({ took }) => took));
  const taken = await slow.taken();
  const inTime = healthy.answers.filter((answer) => answer.taken).length;
  return [
    {
      held: (expired ?? 0) > 0 && longest < 2 * timeout,
      promise: `nobody waits twice as long as ${seconds(timeout)}`,
      seen: `${made} reserved, ${expired} expired, ${refused} refused at once, the longest after ${seconds(longest)}`,
    },
    {
      held: healthy.noted > 0 && inTime === healthy.answers.length,
      promise: 'while car is well it takes stock within the deadline',
      seen: `${inTime} of ${healthy.answers.length} calls, ${healthy.noted} cars in the first second`,
    },
    {
      held: over.length > 0 && over.length === slow.answers.length,
      promise: `car ends every call whose deadline of ${seconds(DEADLINE_MS)} is over`,
      seen: `${over.length} of ${slow.answers.length} with DEADLINE_EXCEEDED, the last after ${seconds(latest)}`,
    },
    {
      held: taken === 0,
      promise: 'and does no work for it',
      seen: `${taken} cars taken for these ${over.length} calls, ${seconds(DELAY_MS[1])} after the last`,
    },
  ];
}

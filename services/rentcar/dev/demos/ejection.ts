import { seconds, times } from '../../../../dev/demos/blocks/words.ts';
import { successes } from '../../../../dev/demos/blocks/work.ts';
import { failingReplica } from '../../../../dev/demos/changes.ts';
import type { Demo, Finding } from '../../../../dev/demos/demo.ts';
import type { PolicyReader } from '../../../../dev/demos/policy.ts';
import type { DemoRecord } from '../../../../dev/demos/record.ts';
import type { DemoSample } from '../../../../dev/demos/traffic.ts';
import { faultPhases, HEALTHY_SECONDS } from './phases.ts';
import { CHECK_STOCK, startReservations } from './reservations.ts';

const change = failingReplica({ service: 'car', methods: [CHECK_STOCK.method] }, 1);
/** Ejections grow with the length of the illness, and the last one has to end before the replica gets its share. */
const wellSeconds = (ill: number) => 3 + Math.ceil(ill / 3);
/** End of the recovery, in which the replica gets its share; milliseconds. */
const LAST_MS = 2000;
/** Least share of the calls of one of two replicas. */
const SHARE = 0.25;

/** One of two replicas of car answers UNAVAILABLE: it is ejected, and gets calls again when it is well. */
export const EJECTION: Demo = {
  name: 'ejection',
  title: 'one of two replicas is ill',
  front: 'reservation',
  callee: 'car',
  replicas: { car: 2 },
  defaults: { users: 20, seconds: 8 },
  about: (_, options) =>
    [
      `${options.users} users reserve.`,
      `After ${HEALTHY_SECONDS} s one replica of car answers UNAVAILABLE to every call, for ${options.seconds} s:`,
      'after some failures in a row it is ejected, and tried again from time to time.',
      'Callers do not notice.',
      'Then it is well, and gets its share again.',
    ].join(' '),
  clauses: (policies) => {
    const { errors, ejectionTime, interval, maxPercent, attempts } = policyOf(policies);
    return [
      [errors, 'failures that eject it'],
      [ejectionTime, 'longer each time'],
      [interval, 'checked so often'],
      [maxPercent, 'may be ejected'],
      [attempts, 'calls sent again'],
    ];
  },
  phases: (options) =>
    faultPhases(
      options.users,
      { name: 'ill', title: 'One replica of car answers UNAVAILABLE', seconds: options.seconds, change },
      wellSeconds(options.seconds),
    ),
  start: async (environment) => {
    const policy = policyOf(environment.policies());
    const reservations = await startReservations(environment);
    return {
      calls: { next: reservations.next, expiryMs: policy.timeout.value * 0.9 },
      check: async (record) => [...findings(record, policy.ejectionTime.value), ...(await reservations.check(record))],
    };
  },
};

function policyOf(policies: PolicyReader) {
  const traffic = policies.traffic(CHECK_STOCK.host);
  const route = policies.route(CHECK_STOCK.host, `/${CHECK_STOCK.method}`);
  return {
    errors: traffic.setting('outlierDetection', 'consecutiveGatewayErrors'),
    ejectionTime: traffic.duration('outlierDetection', 'baseEjectionTime'),
    interval: traffic.duration('outlierDetection', 'interval'),
    maxPercent: traffic.setting('outlierDetection', 'maxEjectionPercent'),
    attempts: route.setting('retries', 'attempts'),
    timeout: route.duration('timeout'),
  };
}

function findings(record: DemoRecord, baseEjectionMs: number): Finding[] {
  const { name = '', address = '' } = record.callees.at(-1) ?? {};
  const [ill, well] = [record.phase('ill').start, record.phase('well').start];
  const sentTo = (from: number, to: number) => record.grown(({ traffic }) => traffic.replicas.get(address)?.sent ?? 0, from, to);
  const sent = (from: number, to: number) => record.grown(({ traffic }) => traffic.sent, from, to);
  const isEjected = ({ traffic }: DemoSample) => traffic.replicas.get(address)?.ejected === true;
  const ejected = record.samples.find((sample) => sample.at >= ill && isEjected(sample))?.at ?? Number.NaN;
  const back = record.samples.find((sample) => sample.at >= well && !isEjected(sample) && sentTo(well, sample.at) > 0);
  const ejections = record.grown(({ traffic }) => traffic.ejections, ill, well);
  const after = record.answers.filter(({ start }) => start >= ejected);
  const end = record.samples.at(-1)?.at ?? 0;
  const share = sentTo(end - LAST_MS, end) / sent(end - LAST_MS, end);
  return [
    {
      held: successes(record.answers) === record.answers.length,
      promise: 'everyone gets a car, all the time',
      seen: `${successes(record.answers)} of ${record.answers.length}`,
    },
    {
      held: ejections > 0,
      promise: `${name} is ejected`,
      seen: `${seconds(ejected - ill)} after it fell ill, ${times(ejections)} in all`,
    },
    {
      held: after.length > 0 && successes(after) === after.length,
      promise: 'no caller sees an error after that',
      seen: `${after.length} cars; ${name} had ${sentTo(ill, well)} of ${sent(ill, well)} calls`,
    },
    {
      held: back !== undefined,
      promise: 'when it is well it is called again',
      // Ejections without a healthy interval between them add up.
      seen: `${seconds((back?.at ?? Number.NaN) - well)} after, with an ejection of ${seconds(baseEjectionMs * ejections)} at most`,
    },
    {
      held: share > SHARE && sentTo(record.phase('healthy').start, ill) > 0,
      promise: 'and gets its share',
      seen: `${(share * 100).toFixed(0)} % of the calls in the last ${seconds(LAST_MS)}`,
    },
  ];
}

import { successes } from '../../../../dev/demos/blocks/work.ts';
import { resettingReplica } from '../../../../dev/demos/changes.ts';
import type { Demo, Finding } from '../../../../dev/demos/demo.ts';
import type { PolicyReader } from '../../../../dev/demos/policy.ts';
import type { DemoRecord } from '../../../../dev/demos/record.ts';
import { faultPhases, HEALTHY_SECONDS } from './phases.ts';
import { CHECK_STOCK, startReservations } from './reservations.ts';

const change = resettingReplica({ service: 'car', methods: [CHECK_STOCK.method] }, 0.5);
const WELL_SECONDS = 2;

/** One of two replicas of car takes stock and then resets the stream: calls are sent again. */
export const RETRIES: Demo = {
  name: 'retries',
  title: 'answers get lost, cars do not',
  front: 'reservation',
  callee: 'car',
  replicas: { car: 2 },
  defaults: { users: 20, seconds: 8 },
  about: (_, options) =>
    [
      `${options.users} users reserve.`,
      `After ${HEALTHY_SECONDS} s one replica of car takes the stock, and then resets half of the calls instead of answering them, for ${options.seconds} s.`,
      `The caller's sidecar sends them again, to the other replica:`,
      'the same reservation id is the same stock.',
    ].join(' '),
  clauses: (policies) => {
    const { retryOn, attempts, backoff, maxRetries, errors } = policyOf(policies);
    return [
      [retryOn, ''],
      [attempts, 'how often at most'],
      [backoff, 'before the first'],
      [maxRetries, 'how many at once'],
      [errors, 'resets that eject it'],
    ];
  },
  phases: (options) =>
    faultPhases(
      options.users,
      { name: 'resets', title: 'One replica of car loses answers', seconds: options.seconds, change },
      WELL_SECONDS,
    ),
  start: async (environment) => {
    const policy = policyOf(environment.policies());
    const reservations = await startReservations(environment);
    return {
      calls: { next: reservations.next, expiryMs: policy.timeout.value * 0.9 },
      check: async (record) => [...findings(record, policy.attempts.value, policy.maxRetries.value), ...(await reservations.check(record))],
    };
  },
};

function policyOf(policies: PolicyReader) {
  const traffic = policies.traffic(CHECK_STOCK.host);
  const route = policies.route(CHECK_STOCK.host, `/${CHECK_STOCK.method}`);
  return {
    retryOn: route.setting('retries', 'retryOn'),
    attempts: route.setting('retries', 'attempts'),
    backoff: route.duration('retries', 'backoff'),
    timeout: route.duration('timeout'),
    maxRetries: traffic.setting('connectionPool', 'http', 'maxRetries'),
    errors: traffic.setting('outlierDetection', 'consecutiveGatewayErrors'),
  };
}

function findings(record: DemoRecord, attempts: number, maxRetries: number): Finding[] {
  const { start, end } = record.phase('resets');
  const calls = record.answersOf('resets').length;
  const retries = record.grown(({ traffic }) => traffic.retries, start, end);
  const all = record.grown(({ traffic }) => traffic.retries, record.start, Number.POSITIVE_INFINITY);
  const refused = record.grown(({ traffic }) => traffic.retriesRefused, record.start, Number.POSITIVE_INFINITY);
  const most = maxRetries - Math.min(...record.samples.map(({ traffic }) => traffic.retriesLeft));
  return [
    {
      held: successes(record.answers) === record.answers.length && all > 0,
      promise: 'everyone gets a car',
      seen: `${successes(record.answers)} of ${record.answers.length}, with ${all} calls sent again`,
    },
    {
      held: retries <= attempts * calls,
      promise: `at most ${1 + attempts} calls for a reservation`,
      seen: `${(1 + retries / calls).toFixed(2)} while answers got lost`,
    },
    {
      held: most <= maxRetries,
      promise: `at most ${maxRetries} retries at once`,
      seen: `${most}, and ${refused} that were one too many`,
    },
  ];
}

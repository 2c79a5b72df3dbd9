import { resettingReplica } from '../changes.ts';
import type { Demo, Finding } from '../demo.ts';
import type { PolicyReader } from '../policy.ts';
import type { DemoRecord } from '../record.ts';
import { ejectionClauses, timeoutClause } from './clauses.ts';
import { allSucceed } from './findings.ts';
import { faultPhases, HEALTHY_SECONDS } from './phases.ts';
import { type CallSpec, expiryOf, scriptOf } from './work.ts';

/** A demonstration of retries: one of two replicas of the callee does its work and resets the stream, and the call is sent again. */
export interface ResettingReplicaSpec extends CallSpec {
  /** What a call takes in the callee, once however often it is sent: `stock`. */
  readonly takes: string;
}

/** Share of the replica's calls whose answers get lost. */
const RATE = 0.5;
const WELL_SECONDS = 2;

/** Makes the demonstration `retries`. */
export function resettingReplicaDemo(spec: ResettingReplicaSpec): Demo {
  const { title, front, callee, call, takes } = spec;
  const resets = resettingReplica({ service: callee, methods: [call.method] }, RATE);
  const policyOf = (policies: PolicyReader) => {
    const [traffic, route] = [policies.traffic(call.host), policies.route(call.host, `/${call.method}`)];
    return {
      retryOn: route.setting('retries', 'retryOn'),
      attempts: route.setting('retries', 'attempts'),
      backoff: route.duration('retries', 'backoff'),
      maxRetries: traffic.setting('connectionPool', 'http', 'maxRetries'),
      errors: ejectionClauses(policies, call.host).errors,
      timeout: timeoutClause(policies, call),
    };
  };
  return {
    name: 'retries',
    title,
    front,
    callee,
    replicas: { [callee]: 2 },
    defaults: { users: 20, seconds: 8 },
    about: (_, { users, seconds }) =>
      [
        `${users} users call ${front}.`,
        `After ${HEALTHY_SECONDS} s one replica of ${callee} takes ${takes}, and then resets half of the calls instead of answering them, for ${seconds} s.`,
        `The caller's sidecar sends them again, to the other replica:`,
        `${takes} is taken once for a call, however often it is sent.`,
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
      faultPhases(callee, options, { name: 'resets', title: `One replica of ${callee} loses answers`, changes: [resets] }, WELL_SECONDS),
    start: async (environment) => {
      const { timeout, attempts, maxRetries } = policyOf(environment.policies());
      const work = await spec.start(environment);
      return scriptOf(work, expiryOf(timeout), (record) => findings(record, attempts.value, maxRetries.value));
    },
  };
}

function findings(record: DemoRecord, attempts: number, maxRetries: number): Finding[] {
  const { start, end } = record.phase('resets');
  const calls = record.answersOf('resets').length;
  const retries = record.grown(({ traffic }) => traffic.retries, start, end);
  const all = record.grown(({ traffic }) => traffic.retries, record.start, Number.POSITIVE_INFINITY);
  const refused = record.grown(({ traffic }) => traffic.retriesRefused, record.start, Number.POSITIVE_INFINITY);
  const most = maxRetries - Math.min(...record.samples.map(({ traffic }) => traffic.retriesLeft));
  const succeed = allSucceed('every call succeeds', record.answers, `, with ${all} calls sent again`);
  return [
    { ...succeed, held: succeed.held && all > 0 },
    {
      held: retries <= attempts * calls,
      promise: `each call is sent ${1 + attempts} times at most`,
      seen: `${(1 + retries / calls).toFixed(2)} times on average while answers got lost`,
    },
    {
      held: most <= maxRetries,
      promise: `at most ${maxRetries} retries at once`,
      seen: `${most}, and ${refused} that were one too many`,
    },
  ];
}

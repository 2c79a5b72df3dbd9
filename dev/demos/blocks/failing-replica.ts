import { failingReplica } from '../changes.ts';
import type { Demo, Finding } from '../demo.ts';
import type { PolicyReader } from '../policy.ts';
import type { DemoRecord } from '../record.ts';
import type { DemoSample } from '../traffic.ts';
import { ejectionClauses, timeoutClause } from './clauses.ts';
import { allSucceed } from './findings.ts';
import { faultPhases, HEALTHY_SECONDS } from './phases.ts';
import { seconds, times } from './words.ts';
import { type CallSpec, expiryOf, scriptOf } from './work.ts';

/** End of the recovery, in which the replica gets its share; milliseconds. */
const LAST_MS = 2000;
/** Least share of the calls of one of two replicas. */
const SHARE = 0.25;

/** Makes the demonstration `ejection`: one of two replicas of the callee answers UNAVAILABLE, is ejected, and gets calls again later. */
export function failingReplicaDemo(spec: CallSpec): Demo {
  const { title, front, callee, call } = spec;
  const ill = failingReplica({ service: callee, methods: [call.method] }, 1);
  const policyOf = (policies: PolicyReader) => ({
    ...ejectionClauses(policies, call.host),
    attempts: policies.route(call.host, `/${call.method}`).setting('retries', 'attempts'),
    timeout: timeoutClause(policies, call),
  });
  return {
    name: 'ejection',
    title,
    front,
    callee,
    replicas: { [callee]: 2 },
    defaults: { users: 20, seconds: 8 },
    about: (_, { users, seconds: length }) =>
      [
        `${users} users call ${front}.`,
        `After ${HEALTHY_SECONDS} s one replica of ${callee} answers UNAVAILABLE to every call, for ${length} s:`,
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
    phases: (options) => {
      const fault = { name: 'ill', title: `One replica of ${callee} answers UNAVAILABLE`, changes: [ill] };
      // Ejections grow with the length of the illness, and the last one has to end before the replica gets its share.
      return faultPhases(callee, options, fault, 3 + Math.ceil(options.seconds / 3));
    },
    start: async (environment) => {
      const { timeout, ejectionTime } = policyOf(environment.policies());
      return scriptOf(await spec.start(environment), expiryOf(timeout), (record) => findings(record, ejectionTime.value));
    },
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
    allSucceed('every call succeeds, all the time', record.answers),
    {
      held: ejections > 0,
      promise: `${name} is ejected`,
      seen: `${seconds(ejected - ill)} after it fell ill, ${times(ejections)} in all`,
    },
    allSucceed('no caller sees an error after that', after, `; ${name} had ${sentTo(ill, well)} of ${sent(ill, well)} calls`),
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

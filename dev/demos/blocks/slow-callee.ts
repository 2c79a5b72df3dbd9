import { quantile } from '../../terminal/quantile.ts';
import { slowCallee } from '../changes.ts';
import type { Demo, DemoEnvironment, DemoPhase, Finding } from '../demo.ts';
import type { Clause, PolicyReader } from '../policy.ts';
import type { DemoRecord } from '../record.ts';
import type { Answer } from '../users.ts';
import { seconds, sentenceStart, times } from './words.ts';
import { type DemoWork, type MeshMethod, successes } from './work.ts';

/** A demonstration of a slow callee: after some timeouts in a row, callers of its front are refused at once. */
export interface SlowCalleeSpec {
  readonly title: string;
  readonly front: string;
  readonly callee: string;
  /** The guarded call. */
  readonly call: MeshMethod;
  /** The host and subset whose outlier detection is the circuit before the front. */
  readonly circuit: { readonly host: string; readonly subset: string };
  /** Range of the delay in milliseconds: some answers have to take longer than the timeout of the call. */
  readonly delayMs: readonly [number, number];
  /** Users while the callee is slow. Default: 50. */
  readonly users?: number;
  readonly start: (environment: DemoEnvironment) => Promise<DemoWork>;
}

const HEALTHY_SECONDS = 2;
const WELL_SECONDS = 4;
/** It is a matter of luck how many calls in a row take too long. */
const MORE_SECONDS = 5;
/** End of the recovery, in which everything succeeds; milliseconds. */
const LAST_MS = 2000;

/** Settings that decide the demonstration. */
interface CircuitPolicy {
  readonly timeout: Clause;
  readonly errors: Clause;
  readonly ejectionTime: Clause;
  readonly interval: Clause;
  readonly maxPercent: Clause;
}

/** Makes the demonstration `circuit`. */
export function slowCalleeDemo(spec: SlowCalleeSpec): Demo {
  const { title, front, callee, delayMs, call, users: usual = 50 } = spec;
  const slow = slowCallee({ service: callee, methods: [call.method] }, delayMs);
  const policyOf = (policies: PolicyReader) => circuitPolicy(policies, spec);
  return {
    name: 'circuit',
    title,
    front,
    callee,
    defaults: { users: usual, seconds: 10 },
    about: (policies, { users, seconds: length }) =>
      [
        `A few users call ${front}.`,
        `After ${HEALTHY_SECONDS} s ${callee} takes ${delayMs[0]} to ${delayMs[1]} ms for each answer, for ${length} s, and ${users} users call.`,
        `Calls over ${seconds(policyOf(policies).timeout.value)} fail; some failures in a row open the circuit:`,
        'users are refused at once (503, Retry-After) instead of waiting.',
      ].join(' '),
    clauses: (policies) => {
      const { timeout, errors, ejectionTime, interval, maxPercent } = policyOf(policies);
      return [
        [timeout, `longest wait for ${callee}`],
        [errors, 'failures that open it'],
        [ejectionTime, 'open so long'],
        [interval, 'checked so often'],
        [maxPercent, 'all replicas'],
      ];
    },
    phases: ({ users, seconds: length }): DemoPhase[] => [
      { name: 'healthy', title: 'Everything is well', seconds: HEALTHY_SECONDS, habit: { users: Math.min(10, users), restMs: 250 } },
      {
        name: 'slow',
        title: `${sentenceStart(callee)} is slow`,
        seconds: length,
        mostSeconds: length + MORE_SECONDS,
        // As load generators do: without any rest, but after a refusal as long as Retry-After says.
        habit: { users, restMs: 0 },
        changes: [slow],
      },
      { name: 'well', title: `${sentenceStart(callee)} is well again`, seconds: WELL_SECONDS, habit: { users, restMs: 500 } },
    ],
    start: async (environment) => {
      const policy = policyOf(environment.policies());
      const work = await spec.start(environment);
      return {
        // The front needs some time beside the call; a refusal takes much less.
        calls: { next: work.next, expiryMs: policy.timeout.value * 0.9 },
        isReached: (_, record) => openings(record) > 0,
        check: async (record) => [...circuitFindings(spec, policy, record), ...(await work.check(record))],
      };
    },
  };
}

function circuitPolicy(policies: PolicyReader, { call, circuit }: SlowCalleeSpec): CircuitPolicy {
  const traffic = policies.traffic(circuit.host, circuit.subset);
  return {
    timeout: policies.route(call.host, `/${call.method}`).duration('timeout'),
    errors: traffic.setting('outlierDetection', 'consecutiveGatewayErrors'),
    ejectionTime: traffic.duration('outlierDetection', 'baseEjectionTime'),
    interval: traffic.duration('outlierDetection', 'interval'),
    maxPercent: traffic.setting('outlierDetection', 'maxEjectionPercent'),
  };
}

/** Counts how often the circuit before the front opened since the callee became slow. */
function openings(record: DemoRecord): number {
  return record.grown(({ door }) => door.ejections, record.phase('slow').start, Number.POSITIVE_INFINITY);
}

function circuitFindings(spec: SlowCalleeSpec, policy: CircuitPolicy, record: DemoRecord): Finding[] {
  const slow = record.phase('slow');
  // A call under way when the callee became slow belongs to neither phase.
  const healthy = record.answersOf('healthy').filter(({ start, took }) => start + took < slow.start);
  const timeout = policy.timeout.value;
  const waited = quantile(tookOf(record.answersOf('slow')), 0.99);
  const [made, expired, refused] = (['succeeded', 'expired', 'refused'] as const).map((outcome) => record.answersOf('slow', outcome));
  return [
    {
      held: healthy.length > 0 && successes(healthy) === healthy.length,
      promise: `while ${spec.callee} is well, every call succeeds`,
      seen: `${successes(healthy)} of ${healthy.length}, p99 ${quantile(tookOf(healthy), 0.99).toFixed(0)} ms`,
    },
    {
      held: (made?.length ?? 0) > 0 && waited < 2 * timeout,
      promise: `while it is slow, nobody waits twice as long as ${seconds(timeout)}`,
      seen: `${made?.length} succeeded, ${expired?.length} expired, p99 ${seconds(waited)}`,
    },
    ...refusalFindings(record, timeout, refused ?? [], expired ?? []),
    ...recoveryFindings(record, policy.ejectionTime.value),
  ];
}

function refusalFindings(record: DemoRecord, timeout: number, refused: readonly Answer[], expired: readonly Answer[]): Finding[] {
  const opened = openings(record);
  const took = (share: number) => quantile(tookOf(refused), share);
  const failures = [...refused, ...expired];
  const timed = failures.filter(({ retryAfter }) => retryAfter > 0);
  return [
    {
      held: opened > 0 && refused.length > 0,
      promise: 'failures in a row open the circuit',
      seen: `${times(opened)}, ${refused.length} calls were refused`,
    },
    {
      held: took(0.5) < timeout / 2,
      promise: 'a refused call does not wait for the callee',
      seen: [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${took(share).toFixed(0)} ms`).join(', '),
    },
    {
      held: timed.length === failures.length,
      promise: 'every refusal says when to try again',
      seen: `Retry-After on ${timed.length} of ${failures.length}`,
    },
  ];
}

function recoveryFindings(record: DemoRecord, ejectionTime: number): Finding[] {
  const well = record.phase('well');
  const again = Math.min(...record.answersOf('well', 'succeeded').map(({ start, took }) => start + took - well.start));
  const last = record.answersOf('well').filter(({ start }) => start > well.end - LAST_MS);
  return [
    {
      held: Number.isFinite(again),
      promise: 'calls succeed when the circuit closes after the recovery',
      seen: `${seconds(again)} after it, with baseEjectionTime ${seconds(ejectionTime)}`,
    },
    {
      held: last.length > 0 && successes(last) === last.length,
      promise: 'and soon every call succeeds again',
      seen: `${successes(last)} of ${last.length} in the last ${seconds(LAST_MS)}`,
    },
  ];
}

function tookOf(answers: readonly Answer[]): number[] {
  return answers.map(({ took }) => took);
}

import { slowCallee } from '../changes.ts';
import type { Demo, DemoPhase, Finding } from '../demo.ts';
import type { PolicyReader } from '../policy.ts';
import type { DemoRecord } from '../record.ts';
import type { Answer } from '../users.ts';
import { ejectionClauses, timeoutClause } from './clauses.ts';
import { allSayRetryAfter, allSucceed, duration } from './findings.ts';
import { HEALTHY_SECONDS, healthyPhase, wellPhase } from './phases.ts';
import { seconds, sentenceStart, times } from './words.ts';
import { type CallSpec, expiryOf, scriptOf } from './work.ts';

/** A demonstration of a slow callee: after some timeouts in a row, callers of its front are refused at once. */
export interface SlowCalleeSpec extends CallSpec {
  /** The host and subset whose outlier detection is the circuit before the front. */
  readonly circuit: { readonly host: string; readonly subset: string };
  /** Range of the delay in milliseconds: some answers have to take longer than the timeout of the call. */
  readonly delayMs: readonly [number, number];
  /** Users while the callee is slow. Default: 50. */
  readonly users?: number;
}

const WELL_SECONDS = 4;
/** It is a matter of luck how many calls in a row take too long. */
const MORE_SECONDS = 5;
/** End of the recovery, in which everything succeeds; milliseconds. */
const LAST_MS = 2000;

/** Makes the demonstration `circuit`. */
export function slowCalleeDemo(spec: SlowCalleeSpec): Demo {
  const { title, front, callee, delayMs, call, circuit, users: usual = 50 } = spec;
  const slow = slowCallee({ service: callee, methods: [call.method] }, delayMs);
  const policyOf = (policies: PolicyReader) => ({
    timeout: timeoutClause(policies, call),
    ...ejectionClauses(policies, circuit.host, circuit.subset),
  });
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
      healthyPhase({ users: Math.min(10, users), restMs: 250 }),
      {
        name: 'slow',
        title: `${sentenceStart(callee)} is slow`,
        seconds: length,
        mostSeconds: length + MORE_SECONDS,
        // As load generators do: without any rest, but after a refusal as long as Retry-After says.
        habit: { users, restMs: 0 },
        changes: [slow],
      },
      wellPhase(callee, WELL_SECONDS, { users, restMs: 500 }),
    ],
    start: async (environment) => {
      const { timeout, ejectionTime } = policyOf(environment.policies());
      return {
        ...scriptOf(await spec.start(environment), expiryOf(timeout), (record) => [
          ...circuitFindings(callee, timeout.value, record),
          ...recoveryFindings(record, ejectionTime.value),
        ]),
        isReached: (_, record) => openings(record) > 0,
      };
    },
  };
}

/** Counts how often the circuit before the front opened since the callee became slow. */
function openings(record: DemoRecord): number {
  return record.grown(({ door }) => door.ejections, record.phase('slow').start, Number.POSITIVE_INFINITY);
}

function circuitFindings(callee: string, timeout: number, record: DemoRecord): Finding[] {
  const slow = record.phase('slow');
  // A call under way when the callee became slow belongs to neither phase.
  const healthy = record.answersOf('healthy').filter(({ start, took }) => start + took < slow.start);
  const waited = duration(record.answersOf('slow'), 0.99);
  const made = record.answersOf('slow', 'succeeded').length;
  const expired = record.answersOf('slow', 'expired');
  return [
    allSucceed(`while ${callee} is well, every call succeeds`, healthy, `, p99 ${duration(healthy, 0.99).toFixed(0)} ms`),
    {
      held: made > 0 && waited < 2 * timeout,
      promise: `while it is slow, nobody waits twice as long as ${seconds(timeout)}`,
      seen: `${made} succeeded, ${expired.length} expired, p99 ${seconds(waited)}`,
    },
    ...refusalFindings(openings(record), timeout, record.answersOf('slow', 'refused')),
    allSayRetryAfter([...record.answersOf('slow', 'refused'), ...expired]),
  ];
}

function refusalFindings(opened: number, timeout: number, refused: readonly Answer[]): Finding[] {
  return [
    {
      held: opened > 0 && refused.length > 0,
      promise: 'failures in a row open the circuit',
      seen: `${times(opened)}, ${refused.length} calls were refused`,
    },
    {
      held: duration(refused, 0.5) < timeout / 2,
      promise: 'a refused call does not wait for the callee',
      seen: [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${duration(refused, share).toFixed(0)} ms`).join(', '),
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
    allSucceed('and soon every call succeeds again', last, ` in the last ${seconds(LAST_MS)}`),
  ];
}

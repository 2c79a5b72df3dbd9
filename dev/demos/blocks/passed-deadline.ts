import { setTimeout as sleep } from 'node:timers/promises';
import { slowCallee } from '../changes.ts';
import type { Demo, DemoEnvironment, DemoScript, Finding } from '../demo.ts';
import type { DemoRecord } from '../record.ts';
import { ejectionClauses, timeoutClause } from './clauses.ts';
import { duration } from './findings.ts';
import { faultPhases, HEALTHY_SECONDS } from './phases.ts';
import { type ProbedWork, Probes } from './probes.ts';
import { seconds, sentenceStart } from './words.ts';
import { type CallSpec, expiryOf, scriptOf } from './work.ts';

/** A demonstration of deadlines that reach the callee: it does no work for a caller that is gone. */
export interface PassedDeadlineSpec extends CallSpec {
  /** Range of the delay before the callee works, in milliseconds: some calls have to take longer than their timeout. */
  readonly delayMs: readonly [number, number];
  /** What a call takes in the callee: `stock`. */
  readonly takes: string;
  /** Makes data for calls that the demonstration itself sends to the callee. */
  readonly startProbes: (environment: DemoEnvironment) => Promise<ProbedWork>;
}

/** Makes the demonstration `timeout`. */
export function passedDeadlineDemo(spec: PassedDeadlineSpec): Demo {
  const { title, front, callee, call, delayMs, takes } = spec;
  const slow = slowCallee({ service: callee, methods: [call.method] }, delayMs);
  const deadlineMs = deadlineOf(spec);
  return {
    name: 'timeout',
    title,
    front,
    callee,
    defaults: { users: 10, seconds: 8 },
    column: { title: `within ${deadlineMs} ms`, width: 14 },
    about: (policies, { users, seconds: length }) =>
      [
        `${users} users call ${front}.`,
        `After ${HEALTHY_SECONDS} s ${callee} waits ${delayMs[0]} to ${delayMs[1]} ms before it takes ${takes}, for ${length} s:`,
        `calls over ${seconds(timeoutClause(policies, call).value)} fail.`,
        `Their deadline has reached ${callee}, which takes no ${takes} for them.`,
        `Beside them, callers with a deadline of ${seconds(deadlineMs)} never hang up:`,
        `${callee} itself has to end their calls, and must not take ${takes}.`,
      ].join(' '),
    clauses: (policies) => [
      [timeoutClause(policies, call), `longest wait for ${callee}`],
      [ejectionClauses(policies, call.host).errors, 'then calls are refused'],
    ],
    phases: (options) => {
      const fault = { name: 'slow', title: `${sentenceStart(callee)} is slow`, changes: [slow] };
      // Longer than an expired call may go on in the callee.
      return faultPhases(callee, options, fault, 2 + Math.ceil(delayMs[1] / 1000));
    },
    start: (environment) => startScript(spec, environment),
  };
}

/** Returns the deadline that probes send, in milliseconds: it is over before a slow callee begins to work. */
function deadlineOf({ delayMs }: PassedDeadlineSpec): number {
  return Math.floor((delayMs[0] * 2) / 3);
}

async function startScript(spec: PassedDeadlineSpec, environment: DemoEnvironment): Promise<DemoScript> {
  const timeout = timeoutClause(environment.policies(), spec.call);
  const work = await spec.start(environment);
  const [replica] = await environment.replicas(spec.callee);
  const open = async () => new Probes(replica?.address ?? '', spec.call.method, await spec.startProbes(environment), deadlineOf(spec));
  const [healthy, slow] = [await open(), await open()];
  let takenWell = 0;
  return {
    ...scriptOf(work, expiryOf(timeout), async (record) => [
      ...userFindings(record, timeout.value),
      ...(await probeFindings(spec, { healthy, slow, takenWell })),
    ]),
    cell: (from, to) => cell([healthy, slow], from, to),
    beside: async (phase, over) => {
      if (phase === 'slow') return await slow.callUntil(over);
      if (phase !== 'healthy') return;
      const calls = healthy.callUntil(over);
      // Within the first second: later the callee asks who vouches for what the probes took.
      await Promise.race([over, sleep(1000)]);
      takenWell = await healthy.countTaken();
      await calls;
    },
  };
}

function cell(probes: readonly Probes[], from: number, to: number): string {
  const answers = probes.flatMap((each) => each.answers).filter(({ at }) => at >= from && at < to);
  return answers.length === 0 ? '' : `${answers.filter(({ isOk }) => isOk).length} of ${answers.length}`;
}

function userFindings(record: DemoRecord, timeoutMs: number): Finding[] {
  const count = (outcome: 'succeeded' | 'expired' | 'refused') => record.answersOf('slow', outcome).length;
  const longest = duration(record.answersOf('slow'), 1);
  return [
    {
      held: count('expired') > 0 && longest < 2 * timeoutMs,
      promise: `nobody waits twice as long as ${seconds(timeoutMs)}`,
      seen: `${count('succeeded')} succeeded, ${count('expired')} expired, ${count('refused')} refused at once, the longest after ${seconds(longest)}`,
    },
  ];
}

/** The probes of both phases, and what was taken for them while the callee was well. */
interface Probed {
  readonly healthy: Probes;
  readonly slow: Probes;
  readonly takenWell: number;
}

async function probeFindings(spec: PassedDeadlineSpec, { healthy, slow, takenWell }: Probed): Promise<Finding[]> {
  const { callee, takes, delayMs } = spec;
  const inTime = healthy.answers.filter(({ isOk }) => isOk).length;
  const over = slow.answers.filter(({ isExpired }) => isExpired);
  const taken = await slow.countTaken();
  return [
    {
      held: takenWell > 0 && inTime === healthy.answers.length,
      promise: `while ${callee} is well it takes ${takes} within the deadline`,
      seen: `${inTime} of ${healthy.answers.length} calls, ${takenWell} taken in the first second`,
    },
    {
      held: over.length > 0 && over.length === slow.answers.length,
      promise: `${callee} ends every call whose deadline of ${seconds(deadlineOf(spec))} is over`,
      seen: `${over.length} of ${slow.answers.length} with DEADLINE_EXCEEDED, the last after ${seconds(duration(over, 1))}`,
    },
    {
      held: taken === 0,
      promise: 'and does no work for it',
      seen: `${taken} taken for these ${over.length} calls, ${seconds(delayMs[1])} after the last`,
    },
  ];
}

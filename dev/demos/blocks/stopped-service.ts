import { setTimeout as sleep } from 'node:timers/promises';
import { stoppedService } from '../changes.ts';
import type { Demo, DemoEnvironment, DemoPhase, Finding } from '../demo.ts';
import type { DemoRecord } from '../record.ts';
import { allSucceed, successes } from './findings.ts';
import { HEALTHY_SECONDS, healthyPhase } from './phases.ts';
import { seconds, sentenceStart, times } from './words.ts';
import { type BlockSpec, type DemoWork, scriptOf } from './work.ts';

/** A demonstration of decoupling in time: a follower of events is stopped, calls go on, and the follower catches up later. */
export interface StoppedServiceSpec extends BlockSpec {
  /** The follower that is stopped. */
  readonly stopped: string;
  /** The follower's effects, as the title of a column: `allocated`. */
  readonly effects: string;
  readonly start: (environment: DemoEnvironment) => Promise<FollowedWork>;
}

/** Work with an effect of each success at the follower. */
export interface FollowedWork extends DemoWork {
  /** Counts the effects of this run; rejects while the follower is away. */
  readonly countEffects: () => Promise<number>;
}

/** Limit of the catching up. */
const CATCH_UP_SECONDS = 20;
const POLL_MS = 200;
/** A call of the front that takes longer counts as expired. */
const EXPIRY_MS = 1000;
const REST_MS = 500;

/** A count of effects at a moment of performance.now(); undefined while the follower is away. */
interface Count {
  readonly at: number;
  readonly effects: number | undefined;
}

/** Makes the demonstration `decoupling`. */
export function stoppedServiceDemo(spec: StoppedServiceSpec): Demo {
  const { title, front, callee, stopped, effects } = spec;
  const stop = stoppedService(stopped);
  const habit = (users: number) => ({ users, restMs: REST_MS });
  return {
    name: 'decoupling',
    title,
    front,
    callee,
    defaults: { users: 5, seconds: 6 },
    column: { title: effects, width: Math.max(effects.length, 12) },
    about: (_, { users, seconds: length }) =>
      [
        `${users} users call ${front}.`,
        `After ${HEALTHY_SECONDS} s ${stopped} is stopped, for ${length} s.`,
        `Every call still succeeds: ${stopped} is told by events, which wait in Kafka.`,
        `When ${stopped} runs again, it catches up.`,
      ].join(' '),
    clauses: () => [],
    phases: ({ users, seconds: length }): DemoPhase[] => [
      healthyPhase(habit(users)),
      { name: 'stopped', title: `${sentenceStart(stopped)} is stopped`, seconds: length, habit: habit(users), changes: [stop] },
      { name: 'catch-up', title: `${sentenceStart(stopped)} runs again`, seconds: 1, mostSeconds: CATCH_UP_SECONDS, habit: habit(0) },
    ],
    start: async (environment) => {
      const work = await spec.start(environment);
      const counts: Count[] = [];
      return {
        ...scriptOf(work, EXPIRY_MS, (record) => findings(spec, record, counts)),
        cell: (_, to) => cell(counts.findLast(({ at }) => at < to)),
        beside: async (_, over) => await count(work, counts, over),
        isReached: (_, record) => counts.at(-1)?.effects === successes(record.answers),
      };
    },
  };
}

/** Counts effects again and again until a phase is over. */
async function count(work: FollowedWork, counts: Count[], over: Promise<void>): Promise<void> {
  const end = over.then(
    () => true,
    () => true,
  );
  do {
    const effects = await work.countEffects().catch(() => undefined);
    counts.push({ at: performance.now(), effects });
  } while (!(await Promise.race([end, sleep(POLL_MS, false)])));
}

function cell(count: Count | undefined): string {
  if (count === undefined) return '';
  return count.effects === undefined ? 'away' : String(count.effects);
}

function findings({ stopped, effects }: StoppedServiceSpec, record: DemoRecord, counts: readonly Count[]): Finding[] {
  const [outage, back] = [record.phase('stopped'), record.phase('catch-up')];
  const made = successes(record.answers);
  const away = counts.filter(({ at, effects: found }) => at > outage.start && at < outage.end && found === undefined);
  const caughtUp = counts.find(({ at, effects: found }) => at > back.start && found === made);
  return [
    allSucceed(`while ${stopped} is stopped, every call succeeds`, record.answersOf('stopped')),
    {
      held: away.length > 0,
      promise: `${stopped} is really away meanwhile`,
      seen: `a list of ${stopped} failed ${times(away.length)}`,
    },
    {
      held: caughtUp !== undefined,
      promise: `when ${stopped} runs again, it catches up`,
      seen: `${counts.at(-1)?.effects ?? 0} of ${made} ${effects}, ${seconds((caughtUp?.at ?? Number.NaN) - back.start)} after it`,
    },
  ];
}

import { limitedPool, type RulePlace } from '../changes.ts';
import type { Demo, DemoPhase, Finding } from '../demo.ts';
import type { DemoRecord } from '../record.ts';
import type { Answer } from '../users.ts';
import { allSayRetryAfter, duration, successes } from './findings.ts';
import { type BlockSpec, scriptOf } from './work.ts';

/** A demonstration of a connection pool of one call: a second user is refused at once while the first one's call is under way. */
export interface SmallPoolSpec extends BlockSpec {
  /** The DestinationRule of the calls from the edge to the front, which is edited for the time of the demonstration. */
  readonly rule: RulePlace;
}

const ONE_SECONDS = 4;
const WELL_SECONDS = 3;
/** Short, so that the calls of two users meet. */
const REST_MS = 20;
/** A refusal takes far less. */
const EXPIRY_MS = 500;
/** Least share of successes with one user. */
const AVAILABLE = 0.99;

/** Makes the demonstration `pool`. */
export function smallPoolDemo(spec: SmallPoolSpec): Demo {
  const { title, front, callee, rule } = spec;
  const pool = limitedPool(rule, 1);
  const habit = (users: number) => ({ users, restMs: REST_MS, ignoresRetryAfter: true });
  return {
    name: 'pool',
    title,
    front,
    callee,
    defaults: { users: 2, seconds: 5 },
    about: (_, { users, seconds }) =>
      [
        `The policy of ${front} is edited: its callers may have one call under way (http2MaxRequests: 1).`,
        `One user calls for ${ONE_SECONDS} s, then ${users} users for ${seconds} s: a call that meets another one is refused at once.`,
        'Then the file is put back.',
      ].join(' '),
    clauses: () => [],
    phases: ({ users, seconds }): DemoPhase[] => [
      { name: 'one', title: 'One user, one call at a time', seconds: ONE_SECONDS, habit: habit(1), changes: [pool] },
      { name: 'more', title: `${users} users, one call at a time`, seconds, habit: habit(users), changes: [pool] },
      { name: 'well', title: 'The policy is as before', seconds: WELL_SECONDS, habit: habit(users) },
    ],
    start: async (environment) => scriptOf(await spec.start(environment), EXPIRY_MS, findings),
  };
}

function findings(record: DemoRecord): Finding[] {
  const [one, more, well] = [record.answersOf('one'), record.answersOf('more'), record.answersOf('well')];
  const share = (answers: readonly Answer[]) => successes(answers) / answers.length;
  const percent = (answers: readonly Answer[]) => `${(share(answers) * 100).toFixed(1)} % of ${answers.length}`;
  const refused = record.answersOf('more', 'refused');
  const p50 = duration(refused, 0.5);
  const usual = duration(record.answersOf('one', 'succeeded'), 0.5);
  return [
    { held: share(one) >= AVAILABLE, promise: 'one user is served', seen: percent(one) },
    { held: share(more) < AVAILABLE && refused.length > 0, promise: 'more users see refusals', seen: percent(more) },
    {
      held: p50 < usual,
      promise: 'a refusal takes less time than a call',
      seen: `p50 ${p50.toFixed(1)} ms, a call ${usual.toFixed(1)} ms`,
    },
    allSayRetryAfter(refused),
    { held: share(well) === 1, promise: 'with the policy as before every call succeeds', seen: percent(well) },
  ];
}

import { quantile } from '../../terminal/quantile.ts';
import { limitedPool, type RulePlace } from '../changes.ts';
import type { Demo, DemoEnvironment, DemoPhase, Finding } from '../demo.ts';
import type { DemoRecord } from '../record.ts';
import { type DemoWork, successes } from './work.ts';

/** A demonstration of a connection pool of one call: a second user is refused at once while the first one's call is under way. */
export interface SmallPoolSpec {
  readonly title: string;
  readonly front: string;
  readonly callee: string;
  /** The DestinationRule of the calls from the edge to the front, which is edited for the time of the demonstration. */
  readonly rule: RulePlace;
  readonly start: (environment: DemoEnvironment) => Promise<DemoWork>;
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
    start: async (environment) => {
      const work = await spec.start(environment);
      return {
        calls: { next: work.next, expiryMs: EXPIRY_MS },
        check: async (record) => [...findings(record), ...(await work.check(record))],
      };
    },
  };
}

function findings(record: DemoRecord): Finding[] {
  const [one, more, well] = ['one', 'more', 'well'].map((phase) => record.answersOf(phase));
  const share = (answers: typeof one = []) => successes(answers) / answers.length;
  const percent = (answers: typeof one = []) => `${(share(answers) * 100).toFixed(1)} % of ${answers.length}`;
  const refused = record.answersOf('more', 'refused');
  const p50 = quantile(
    refused.map(({ took }) => took),
    0.5,
  );
  const usual = quantile(
    record.answersOf('one', 'succeeded').map(({ took }) => took),
    0.5,
  );
  return [
    { held: share(one) >= AVAILABLE, promise: 'one user is served', seen: percent(one) },
    { held: share(more) < AVAILABLE && refused.length > 0, promise: 'more users see refusals', seen: percent(more) },
    {
      held: p50 < usual,
      promise: 'a refusal takes less time than a call',
      seen: `p50 ${p50.toFixed(1)} ms, a call ${usual.toFixed(1)} ms`,
    },
    {
      held: refused.every(({ retryAfter }) => retryAfter > 0),
      promise: 'every refusal says when to try again',
      seen: `Retry-After on ${refused.filter(({ retryAfter }) => retryAfter > 0).length} of ${refused.length}`,
    },
    { held: share(well) === 1, promise: 'with the policy as before every call succeeds', seen: percent(well) },
  ];
}

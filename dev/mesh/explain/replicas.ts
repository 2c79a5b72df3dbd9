import type { TrafficPolicy } from '../../../envoy/policy/schema/destination-rule.ts';
import { ejectable, ejectionPlan, panics } from '../ejections.ts';
import type { Replicas } from '../policy-context.ts';
import type { Place, TracedPolicy } from '../trace.ts';
import { counted, inWords } from '../words.ts';
import { byDefault, follows, type Section, type Statement, said } from './explanation.ts';

const FAILURES = {
  consecutive5xxErrors: (split: boolean) =>
    `INTERNAL, UNKNOWN, DATA_LOSS, UNAVAILABLE or DEADLINE_EXCEEDED${split ? '' : ', or without an answer'}`,
  consecutiveGatewayErrors: (split: boolean) => `UNAVAILABLE or DEADLINE_EXCEEDED${split ? '' : ', or without an answer'}`,
  consecutiveLocalOriginFailures: () => 'no connection, a reset or a timeout',
} as const;

/** When a replica is left alone, and for how long. */
export function ejectionSection(caller: string, name: string, { policy, place }: TracedPolicy, replicas: Replicas | undefined): Section {
  const title = 'Ejection';
  const rule = policy?.outlierDetection;
  if (!rule) return { title, statements: [byDefault('A replica that fails is never left alone.')] };
  const plan = ejectionPlan(rule);
  const at = (field: keyof typeof rule): Place | undefined => (rule[field] === undefined ? undefined : place(rule, field));
  if (plan.triggers.length === 0) return { title, statements: [said('Every kind of ejection is switched off.', place(rule))] };
  const statements: Statement[] = plan.triggers.map(({ field, count, isDefault }) => {
    const text = `After ${count} in a row of ${FAILURES[field](plan.split)}, counted by each replica of ${caller} for itself.`;
    return isDefault ? byDefault(text, 'Envoy default') : said(text, at(field));
  });
  if (plan.split) {
    const text = `What the replica answers and what ${caller}'s sidecar sees of it (no connection, reset, timeout) are counted apart.`;
    statements.push(said(text, at('splitExternalLocalOriginErrors')));
  }
  statements.push(
    orEnvoy(
      `It is not called for ${inWords(plan.time)}, and ${inWords(plan.time)} longer each time that it fails again soon (${inWords(2 * plan.time)}, ${inWords(3 * plan.time)}, … at most ${inWords(plan.maxTime)}).`,
      at('baseEjectionTime'),
    ),
    orEnvoy(lengthStatement(plan), at('interval')),
    ...shareStatements(name, plan, replicas, at('maxEjectionPercent'), at('minHealthPercent')),
  );
  return { title, statements };
}

/**
 * A return that follows the ejection within a second is passed on to the workers that choose replicas a second after it: Envoy merges changes
 * of health (update_merge_window of a cluster, for which Istio has no field).
 */
const MERGE_WINDOW = 1e9;

function lengthStatement({ time, interval }: ReturnType<typeof ejectionPlan>): string {
  const looked = `Ejected replicas are looked at every ${inWords(interval)}`;
  const ends = (least: number) => `the first ejection ends after ${inWords(least)} to ${inWords(least + interval)}.`;
  if (time > MERGE_WINDOW) return `${looked}, so ${ends(time)}`;
  return `${looked}, and a return within a second of the ejection holds a second later, so ${ends(time + MERGE_WINDOW)}`;
}

function orEnvoy(text: string, place: Place | undefined): Statement {
  return place ? said(text, place) : byDefault(text, 'Envoy default');
}

function shareStatements(
  name: string,
  plan: ReturnType<typeof ejectionPlan>,
  replicas: Replicas | undefined,
  percent: Place | undefined,
  health: Place | undefined,
): Statement[] {
  if (!replicas) return [orEnvoy(`At most ${plan.maxPercent} % of the replicas are ejected at a time.`, percent)];
  const { count, source } = replicas;
  const most = ejectable(count, plan);
  const pods = `${name} has ${counted(count, 'replica')} ${source}`;
  if (most === 0) return [orEnvoy(`${pods}, and ${plan.maxPercent} % of that is none: no replica is ever ejected.`, percent)];
  const statements = [
    orEnvoy(`${pods}; at most ${most} of them (${plan.maxPercent} %) ${most === 1 ? 'is' : 'are'} ejected at a time.`, percent),
  ];
  if (panics(count, plan)) {
    const text = `If fewer than ${plan.minHealthPercent} % are left, all are called again: an ejection has no effect here.`;
    return [...statements, said(text, health)];
  }
  if (most === count) statements.push(follows('While all are ejected, calls are refused at once with UNAVAILABLE: the circuit is open.'));
  return statements;
}

const ALGORITHMS: Readonly<Record<string, string>> = {
  RANDOM: 'A replica is chosen at random.',
  ROUND_ROBIN: 'Replicas take turns.',
  PASSTHROUGH: 'The call goes to the address that the caller chose.',
};
const LEAST_REQUEST = 'Of two replicas chosen at random, the one with fewer calls under way gets the call.';

/** Which replica gets the call. */
export function balancingSection({ policy, place }: TracedPolicy): Section {
  const title = 'Load balancing';
  const balancer = policy?.loadBalancer;
  const hash = balancer?.consistentHash;
  if (hash) {
    const by = hash.httpHeaderName ? `header ${hash.httpHeaderName}` : (hashedBy(hash) ?? 'nothing that it names');
    return { title, statements: [said(`Calls that agree in ${by} go to the same replica (consistent hash).`, place(hash))] };
  }
  const text = ALGORITHMS[balancer?.simple ?? ''] ?? LEAST_REQUEST;
  const warmup = balancer?.warmup?.duration ?? balancer?.warmupDurationSecs;
  return {
    title,
    statements: [
      said(text, balancer?.simple ? place(balancer, 'simple') : undefined),
      ...(warmup ? [said(`A new replica gets its full share after ${inWords(warmup)}.`, place(balancer?.warmup ?? balancer))] : []),
    ],
  };
}

function hashedBy(hash: NonNullable<NonNullable<TrafficPolicy['loadBalancer']>['consistentHash']>): string | undefined {
  if (hash.httpCookie) return `cookie ${hash.httpCookie.name}`;
  if (hash.httpQueryParameterName) return `query parameter ${hash.httpQueryParameterName}`;
  return hash.useSourceIp ? "the caller's address" : undefined;
}

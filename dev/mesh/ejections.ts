import type { Nanoseconds } from '../../envoy/policy/duration.ts';
import type { OutlierDetection } from '../../envoy/policy/schema/destination-rule.ts';

/** Envoy's values where a rule sets none. */
const DEFAULT_COUNT = 5;
const DEFAULT_INTERVAL: Nanoseconds = 10e9;
const DEFAULT_EJECTION_TIME: Nanoseconds = 30e9;
const DEFAULT_MAX_PERCENT = 10;
const MAX_EJECTION_TIME: Nanoseconds = 300e9;

/** A count of failures in a row that ejects a replica. */
export interface Trigger {
  readonly field: 'consecutive5xxErrors' | 'consecutiveGatewayErrors' | 'consecutiveLocalOriginFailures';
  readonly count: number;
  /** Whether the count is one that no line sets. */
  readonly isDefault: boolean;
}

/** What a rule does, with the defaults that hold where it says nothing. */
export interface EjectionPlan {
  /** Empty if the rule ejects nothing. */
  readonly triggers: readonly Trigger[];
  /** Whether failures that the caller's own sidecar sees are counted apart from the answers of the replica. */
  readonly split: boolean;
  readonly interval: Nanoseconds;
  /** How long the first ejection lasts; the n-th that follows directly lasts n times as long. */
  readonly time: Nanoseconds;
  readonly maxTime: Nanoseconds;
  readonly maxPercent: number;
  /** If fewer than this share of the replicas are left, ejected ones are called again (Envoy's panic threshold). */
  readonly minHealthPercent: number;
}

/** Reads a rule as Envoy reads what the generator makes of it. */
export function ejectionPlan(rule: OutlierDetection): EjectionPlan {
  const triggers: Trigger[] = [
    {
      field: 'consecutive5xxErrors',
      count: rule.consecutive5xxErrors ?? DEFAULT_COUNT,
      isDefault: rule.consecutive5xxErrors === undefined,
    },
    // Envoy counts gateway errors by default, but does not act on them.
    { field: 'consecutiveGatewayErrors', count: rule.consecutiveGatewayErrors ?? 0, isDefault: false },
  ];
  if (rule.splitExternalLocalOriginErrors) {
    const own = rule.consecutiveLocalOriginFailures || undefined;
    triggers.push({ field: 'consecutiveLocalOriginFailures', count: own ?? DEFAULT_COUNT, isDefault: own === undefined });
  }
  const time = rule.baseEjectionTime ?? DEFAULT_EJECTION_TIME;
  return {
    triggers: triggers.filter(({ count }) => count > 0),
    split: rule.splitExternalLocalOriginErrors === true,
    interval: rule.interval ?? DEFAULT_INTERVAL,
    time,
    maxTime: Math.max(time, MAX_EJECTION_TIME),
    maxPercent: rule.maxEjectionPercent || DEFAULT_MAX_PERCENT,
    minHealthPercent: rule.minHealthPercent ?? 0,
  };
}

/**
 * How many of so many replicas can be ejected at once: one more is ejected only if the share stays within the percentage (measured with
 * Envoy 1.40; older versions always ejected a first one).
 */
export function ejectable(replicas: number, { maxPercent }: Pick<EjectionPlan, 'maxPercent'>): number {
  return Math.floor((replicas * maxPercent) / 100);
}

/** Whether ejecting one of so many replicas leaves so few that ejected ones are called all the same. */
export function panics(replicas: number, { minHealthPercent }: Pick<EjectionPlan, 'minHealthPercent'>): boolean {
  return (100 * (replicas - 1)) / replicas < minHealthPercent;
}

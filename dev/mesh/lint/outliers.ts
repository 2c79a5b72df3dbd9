import { outboundTargets } from '../../../envoy/generate/clusters.ts';
import type { OutlierDetection } from '../../../envoy/policy/schema/destination-rule.ts';
import { ejectable, ejectionPlan, panics } from '../ejections.ts';
import type { PolicyContext, Replicas } from '../policy-context.ts';
import { lineOf, type Place, placeIn } from '../trace.ts';
import { counted, inWords } from '../words.ts';
import type { Findings } from './advice.ts';

/** Outlier rules that eject nothing, or less than they seem to. */
export function checkEjections(context: PolicyContext, findings: Findings): void {
  for (const { scope } of context.callers) {
    for (const service of scope.services) {
      const place = placeIn(scope.rule(service)?.rules ?? []);
      for (const { policy, subset } of outboundTargets(scope, service)) {
        const rule = policy?.outlierDetection;
        if (!rule) continue;
        const at = (...field: string[]): Place => place(rule, ...field) ?? lineOf(service, []);
        checkRule(rule, context.replicas(service, subset?.labels), subset ? `subset ${subset.name}` : service.name, at, findings);
      }
    }
  }
}

/** A rule that never ejects a lone replica, but one of two, means what it says: without it nobody could be called. */
const LONE_REPLICAS = 2;

function checkRule(
  rule: OutlierDetection,
  replicas: Replicas | undefined,
  who: string,
  at: (...field: string[]) => Place,
  findings: Findings,
): void {
  const plan = ejectionPlan(rule);
  if (plan.triggers.length === 0) {
    findings.warn('outlier-ejects-nothing', at(), {
      problem: 'every kind of ejection is switched off',
      why: 'the rule reads as if bad replicas were left alone, and none ever is',
      instead:
        'consecutiveGatewayErrors: 5; for a service that depends on others splitExternalLocalOriginErrors: true, so that only failures of its own count',
    });
    return;
  }
  const count = (field: string): number | undefined => plan.triggers.find((trigger) => trigger.field === field)?.count;
  const [gateway, all] = [count('consecutiveGatewayErrors'), count('consecutive5xxErrors')];
  if (gateway !== undefined && all !== undefined && gateway > all) {
    findings.warn('limit-never-reached', at('consecutiveGatewayErrors'), {
      problem: `consecutiveGatewayErrors ${gateway} is more than consecutive5xxErrors ${all}${rule.consecutive5xxErrors === undefined ? ' (the default)' : ''}`,
      why: 'gateway errors are 5xx errors: the lower count ejects first',
      instead: `consecutive5xxErrors: ${gateway * 4}, or 0 to count gateway errors alone`,
    });
  }
  if (!replicas) return;
  const pods = `${who} has ${counted(replicas.count, 'replica')} ${replicas.source}`;
  if (ejectable(Math.max(replicas.count, LONE_REPLICAS), plan) === 0) {
    const isDefault = !rule.maxEjectionPercent;
    findings.warn('outlier-cannot-eject', isDefault ? at() : at('maxEjectionPercent'), {
      problem: `maxEjectionPercent ${plan.maxPercent}${isDefault ? ' (the default)' : ''} lets no replica be ejected: ${pods}`,
      why: `one of ${replicas.count} is ${Number((100 / replicas.count).toFixed(1))} %, which is more than ${plan.maxPercent} %: Envoy counts the ejection as overflow and goes on calling the replica`,
      instead: `maxEjectionPercent: 100 (or at least ${Math.ceil(100 / Math.max(replicas.count, LONE_REPLICAS))})`,
    });
  } else if (panics(replicas.count, plan)) {
    findings.warn('outlier-cannot-eject', at('minHealthPercent'), {
      problem: `minHealthPercent ${plan.minHealthPercent} undoes every ejection: ${pods}`,
      why: `with one ejected, ${Number(((100 * (replicas.count - 1)) / replicas.count).toFixed(1))} % are left, which is less: Envoy then calls all replicas, ejected ones too`,
      instead: "no minHealthPercent: Istio's default of 0 lets an ejection be one",
    });
  }
  if (plan.interval > plan.time * 4) {
    findings.warn('outlier-slow-return', rule.interval === undefined ? at() : at('interval'), {
      problem: `an ejection of ${inWords(plan.time)} lasts up to ${inWords(plan.time + plan.interval)}: interval is ${inWords(plan.interval)}${rule.interval === undefined ? ' (the default)' : ''}`,
      why: 'ejected replicas are looked at once in an interval, so a replica that is well again waits for the next look',
      instead: `interval: ${Math.round(plan.time / 1e6)}ms`,
    });
  }
}

import { bySpecificity, completeHost, covers } from './hosts.ts';
import type { Mesh } from './mesh.ts';
import type { DestinationRule } from './resources.ts';
import type { Subset, TrafficPolicy } from './schema.ts';
import type { Labelled, Service } from './services.ts';

/** The rule in force for the calls of one workload to one host: one DestinationRule, or several of one host merged. */
export interface EffectiveRule {
  readonly trafficPolicy: TrafficPolicy | undefined;
  readonly subsets: readonly Subset[];
  readonly rules: readonly DestinationRule[];
}

/**
 * Finds the DestinationRule for calls to a service: first in the caller's namespace, then in the service's; in each the one with the most
 * specific host.
 */
export function destinationRuleFor(mesh: Mesh, client: Labelled, service: Service): EffectiveRule | undefined {
  for (const namespace of new Set([client.namespace, service.namespace])) {
    const candidates = mesh.destinationRules
      .filter((rule) => rule.namespace === namespace)
      .map((rule) => ({ rule, host: completeHost(rule.spec.host, rule.namespace, mesh.domain) }))
      .filter(({ host }) => covers(host, service.host))
      .sort((a, b) => bySpecificity(a.host, b.host));
    const [best] = candidates;
    if (best) return merge(candidates.filter(({ host }) => host === best.host).map(({ rule }) => rule));
  }
  return undefined;
}

function merge(rules: readonly DestinationRule[]): EffectiveRule {
  const subsets = new Map<string, Subset>();
  for (const subset of rules.flatMap((rule) => rule.spec.subsets ?? [])) if (!subsets.has(subset.name)) subsets.set(subset.name, subset);
  return { trafficPolicy: rules.find((rule) => rule.spec.trafficPolicy)?.spec.trafficPolicy, subsets: [...subsets.values()], rules };
}

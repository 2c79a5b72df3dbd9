import { completeHost, mostSpecific } from './hosts.ts';
import type { DestinationRule } from './resources.ts';
import type { Subset, TrafficPolicy } from './schema/destination-rule.ts';
import type { Labelled, Service } from './services.ts';
import { selects } from './services.ts';

/** meshConfig.rootNamespace of Istio: its rules hold for every namespace that has none of its own. */
const ROOT_NAMESPACE = 'istio-system';

/** One DestinationRule, or several for one host merged. */
export interface EffectiveRule {
  readonly namespace: string;
  readonly trafficPolicy: TrafficPolicy | undefined;
  readonly subsets: readonly Subset[];
  /** Labels of the callers that it holds for; undefined for all. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly exportTo: ReadonlySet<string>;
  /** The rules that it was merged from, first the one whose traffic policy won. */
  readonly rules: readonly DestinationRule[];
}

type ByHost = Map<string, EffectiveRule[]>;

/** The DestinationRules of a mesh, arranged for look-up. */
export class RuleIndex {
  /** By namespace: what a caller in that namespace may use. */
  readonly #local = new Map<string, ByHost>();
  /** By namespace: what callers in other namespaces may use. */
  readonly #exported = new Map<string, ByHost>();
  readonly #rootPrivate: ByHost = new Map();

  /** @param domain see Mesh.domain */
  constructor(rules: readonly DestinationRule[], domain: string) {
    for (const rule of [...rules].sort(bySelectorAndAge)) {
      const { namespace } = rule;
      const host = completeHost(rule.spec.host, namespace, domain);
      // A rule for some callers only is never seen from other namespaces.
      const exportTo = new Set(rule.spec.workloadSelector ? ['.'] : (rule.spec.exportTo ?? []));
      if (exportTo.size === 0 || exportTo.has('*') || exportTo.has('.') || exportTo.has(namespace)) {
        merge(inNamespace(this.#local, namespace), host, rule, exportTo);
      }
      const isPrivate = exportTo.size === 1 && (exportTo.has('.') || exportTo.has(namespace));
      if (!isPrivate) merge(inNamespace(this.#exported, namespace), host, rule, exportTo);
      else if (namespace === ROOT_NAMESPACE) merge(this.#rootPrivate, host, rule, exportTo);
    }
  }

  /**
   * The rule for a caller's calls to a service: looked for in the caller's namespace, then in the service's, then in the root namespace; in
   * each the one with the most specific host. Of several, the one that selects the caller by its labels.
   */
  outbound(caller: Labelled, service: Service): EffectiveRule | undefined {
    const candidates = this.#candidates(caller.namespace, service);
    const chosen = candidates.find(
      (rule) => rule.selector !== undefined && rule.namespace === caller.namespace && selects(rule.selector, caller.labels),
    );
    return chosen ?? candidates.findLast((rule) => rule.selector === undefined);
  }

  /** The rule whose limits hold for calls to a service as they come in to a workload of it: rules for some callers do not count. */
  inbound(workload: Labelled, service: Service): EffectiveRule | undefined {
    return this.#candidates(workload.namespace, service).findLast((rule) => rule.selector === undefined);
  }

  #candidates(namespace: string, service: Service): readonly EffectiveRule[] {
    const own = namespace === ROOT_NAMESPACE ? this.#rootPrivate : this.#local.get(namespace);
    const local = own && mostSpecific(service.host, own);
    if (local) return local;
    for (const owner of [service.namespace, ROOT_NAMESPACE]) {
      const exported = mostSpecific(service.host, this.#exported.get(owner) ?? new Map<string, EffectiveRule[]>()) ?? [];
      const visible = exported.filter(({ exportTo }) => exportTo.size === 0 || exportTo.has('*') || exportTo.has(namespace));
      if (visible.length > 0) return visible;
    }
    return [];
  }
}

function inNamespace(index: Map<string, ByHost>, namespace: string): ByHost {
  const found = index.get(namespace);
  if (found) return found;
  const made: ByHost = new Map();
  index.set(namespace, made);
  return made;
}

function bySelectorAndAge(a: DestinationRule, b: DestinationRule): number {
  const selector = Number(a.spec.workloadSelector === undefined) - Number(b.spec.workloadSelector === undefined);
  return selector || byAge(a, b);
}

/** Istio's order of resources: the oldest first, then by name and namespace. */
export function byAge(a: Aged, b: Aged): number {
  return compare(a.created, b.created) || compare(a.name, b.name) || compare(a.namespace, b.namespace);
}

/** What an order by age needs to know. */
export interface Aged {
  readonly created: string;
  readonly name: string;
  readonly namespace: string;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Adds a rule to those of its host. Rules of one host become one if they are visible to the same namespaces and select the same callers:
 * the first one's traffic policy holds, subsets are added up. A rule whose visibility includes that of an earlier one is merged into it and
 * stands for itself as well. (Istio: mergeDestinationRule with enhanced merging, its default.)
 */
function merge(byHost: ByHost, host: string, rule: DestinationRule, exportTo: ReadonlySet<string>): void {
  const selector = rule.spec.workloadSelector && (rule.spec.workloadSelector.matchLabels ?? {});
  const fresh: EffectiveRule = {
    namespace: rule.namespace,
    trafficPolicy: rule.spec.trafficPolicy,
    subsets: rule.spec.subsets ?? [],
    selector,
    exportTo,
    rules: [rule],
  };
  const existing = byHost.get(host);
  if (!existing) {
    byHost.set(host, [fresh]);
    return;
  }
  let separate = true;
  for (const [i, other] of existing.entries()) {
    if (equal(exportTo, other.exportTo)) separate = false;
    else {
      separate = true;
      if (other.exportTo.size === 0 || !exportTo.isSupersetOf(other.exportTo)) continue;
    }
    if (selector && other.selector && !(selects(selector, other.selector) && selects(other.selector, selector))) {
      separate = true;
      continue;
    }
    if ((selector === undefined) === (other.selector === undefined)) separate = false;
    existing[i] = combine(other, fresh);
  }
  if (separate) existing.push(fresh);
}

function combine(first: EffectiveRule, second: EffectiveRule): EffectiveRule {
  const names = new Set(first.subsets.map((subset) => subset.name));
  return {
    ...first,
    trafficPolicy: first.trafficPolicy ?? second.trafficPolicy,
    subsets: [...first.subsets, ...second.subsets.filter((subset) => !names.has(subset.name))],
    rules:
      first.trafficPolicy === undefined && second.trafficPolicy ? [...second.rules, ...first.rules] : [...first.rules, ...second.rules],
  };
}

function equal(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}

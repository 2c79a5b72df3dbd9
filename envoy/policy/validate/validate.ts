import type { Resource, Resources } from '../resources.ts';
import type { Service } from '../services.ts';
import type { Finding } from '../source.ts';
import { checkClusterOnlyFields, checkPorts } from './cluster-only.ts';
import { checkDestinationRule } from './destination-rule.ts';
import { checkRouteReferences, checkRuleReferences, type References } from './references.ts';
import { Report } from './report.ts';
import { checkServiceEntry, checkWorkloadEntry } from './service-entry.ts';
import { checkVirtualService } from './virtual-service.ts';

/** Findings. Errors refuse the input, warnings do not. */
export interface Checked {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Demands for encryption. Errors, unless Istio's own sidecars apply the policies. */
  readonly plaintext: readonly Finding[];
}

/**
 * Checks the rules of Istio's admission that a schema cannot express (errors), and references to missing objects (warnings).
 * @param domain see Mesh.domain
 */
export function validate(resources: Resources, services: readonly Service[], domain: string): Checked {
  const reports: Report[] = [];
  const reportOn = (resource: Resource<unknown>): Report => {
    const report = new Report(resource);
    reports.push(report);
    checkClusterOnlyFields(resource, report);
    return report;
  };
  const references: References = { services, rules: resources.destinationRules, domain };
  for (const rule of resources.destinationRules) {
    const report = reportOn(rule);
    checkDestinationRule(rule, report);
    checkRuleReferences(rule, references, report);
  }
  for (const virtual of resources.virtualServices) {
    const report = reportOn(virtual);
    checkVirtualService(virtual, report);
    checkRouteReferences(virtual, references, report);
  }
  const serviceOf = ({ source }: Resource<unknown>) => services.find((service) => service.source === source);
  for (const entry of resources.kubernetesServices) checkPorts(serviceOf(entry), reportOn(entry));
  for (const entry of resources.serviceEntries) {
    const report = reportOn(entry);
    checkServiceEntry(entry, serviceOf(entry), report);
    checkPorts(serviceOf(entry), report);
  }
  for (const entry of resources.workloadEntries) checkWorkloadEntry(entry, reportOn(entry));
  return {
    errors: reports.flatMap((report) => report.errors),
    warnings: reports.flatMap((report) => report.warnings),
    plaintext: reports.flatMap((report) => report.plaintext),
  };
}

import { completeHost, overlap } from '../hosts.ts';
import type { DestinationRule, VirtualService } from '../resources.ts';
import type { Destination } from '../schema/values.ts';
import type { Service } from '../services.ts';
import type { Path } from '../source.ts';
import { suggestion } from '../suggest.ts';
import type { Report } from './report.ts';

/** Objects that rules can refer to. */
export interface References {
  readonly services: readonly Service[];
  readonly rules: readonly DestinationRule[];
  /** See Mesh.domain. */
  readonly domain: string;
}

/** Warns of a DestinationRule for a host that no service has: Istio accepts the rule, but no call uses it. */
export function checkRuleReferences({ spec, namespace }: DestinationRule, references: References, report: Report): void {
  checkHost(spec.host, namespace, ['host'], references, report);
}

/** Warns of references of a VirtualService to missing objects, and of unreachable routes. */
export function checkRouteReferences({ spec, namespace }: VirtualService, references: References, report: Report): void {
  for (const [i, host] of (spec.hosts ?? []).entries()) checkHost(host, namespace, ['hosts', i], references, report);
  let reached = true;
  for (const [i, route] of (spec.http ?? []).entries()) {
    const path = ['http', i];
    if (!reached) report.warn(path, 'nothing reaches this route: one before it takes every request');
    if ((route.match ?? []).length === 0) reached = false;
    for (const [j, entry] of (route.route ?? []).entries())
      checkTarget(entry.destination, namespace, [...path, 'route', j, 'destination'], references, report);
    if (route.mirror) checkTarget(route.mirror, namespace, [...path, 'mirror'], references, report);
    for (const [j, entry] of (route.mirrors ?? []).entries())
      checkTarget(entry.destination, namespace, [...path, 'mirrors', j, 'destination'], references, report);
  }
}

function checkHost(host: string, namespace: string, path: Path, { services, domain }: References, report: Report): void {
  const complete = completeHost(host, namespace, domain);
  if (services.some((service) => overlap(complete, service.host))) return;
  const known = services.map((service) => service.host);
  report.warn(path, `no service has the host ${complete}${suggestion(complete, known)}`);
}

function checkTarget(destination: Destination, namespace: string, path: Path, references: References, report: Report): void {
  checkHost(destination.host, namespace, [...path, 'host'], references, report);
  const host = completeHost(destination.host, namespace, references.domain);
  const service = references.services.find((candidate) => candidate.host === host);
  const port = destination.port?.number;
  if (service && port !== undefined && !service.ports.some(({ number }) => number === port)) {
    const ports = service.ports.map(({ number }) => number).join(', ');
    report.warn([...path, 'port'], `${host} has no port ${port}; it has ${ports}`);
  }
  if (!destination.subset) return;
  const subsets = references.rules
    .filter((rule) => overlap(completeHost(rule.spec.host, rule.namespace, references.domain), host))
    .flatMap((rule) => (rule.spec.subsets ?? []).map(({ name }) => name));
  if (!subsets.includes(destination.subset)) {
    report.warn(
      [...path, 'subset'],
      `no DestinationRule of ${host} defines subset "${destination.subset}"${suggestion(destination.subset, subsets)}`,
    );
  }
}

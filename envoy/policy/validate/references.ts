import { completeHost, overlap } from '../hosts.ts';
import type { DestinationRule, VirtualService } from '../resources.ts';
import type { Destination } from '../schema/values.ts';
import type { Service } from '../services.ts';
import type { Path } from '../source.ts';
import { suggestion } from '../suggest.ts';
import type { Report } from './report.ts';

/** What rules can refer to. */
export interface World {
  readonly services: readonly Service[];
  readonly rules: readonly DestinationRule[];
  /** See Mesh.domain. */
  readonly domain: string;
}

/** Warns of a DestinationRule for a host that no service has: Istio accepts it, and it does nothing. */
export function checkRuleReferences({ spec, namespace }: DestinationRule, world: World, report: Report): void {
  checkHost(spec.host, namespace, ['host'], world, report);
}

/** Warns of what a VirtualService refers to and is not there, and of routes that nothing reaches. */
export function checkRouteReferences({ spec, namespace }: VirtualService, world: World, report: Report): void {
  for (const [i, host] of (spec.hosts ?? []).entries()) checkHost(host, namespace, ['hosts', i], world, report);
  let reached = true;
  for (const [i, route] of (spec.http ?? []).entries()) {
    const path = ['http', i];
    if (!reached) report.warn(path, 'nothing reaches this route: one before it takes every request');
    if ((route.match ?? []).length === 0) reached = false;
    for (const [j, entry] of (route.route ?? []).entries())
      checkTarget(entry.destination, namespace, [...path, 'route', j, 'destination'], world, report);
    if (route.mirror) checkTarget(route.mirror, namespace, [...path, 'mirror'], world, report);
    for (const [j, entry] of (route.mirrors ?? []).entries())
      checkTarget(entry.destination, namespace, [...path, 'mirrors', j, 'destination'], world, report);
  }
}

function checkHost(host: string, namespace: string, path: Path, { services, domain }: World, report: Report): void {
  const complete = completeHost(host, namespace, domain);
  if (services.some((service) => overlap(complete, service.host))) return;
  const known = services.map((service) => service.host);
  report.warn(path, `no service has the host ${complete}${suggestion(complete, known)}`);
}

function checkTarget(destination: Destination, namespace: string, path: Path, world: World, report: Report): void {
  checkHost(destination.host, namespace, [...path, 'host'], world, report);
  const host = completeHost(destination.host, namespace, world.domain);
  const service = world.services.find((candidate) => candidate.host === host);
  const port = destination.port?.number;
  if (service && port !== undefined && !service.ports.some(({ number }) => number === port)) {
    const ports = service.ports.map(({ number }) => number).join(', ');
    report.warn([...path, 'port'], `${host} has no port ${port}; it has ${ports}`);
  }
  if (!destination.subset) return;
  const subsets = world.rules
    .filter((rule) => overlap(completeHost(rule.spec.host, rule.namespace, world.domain), host))
    .flatMap((rule) => (rule.spec.subsets ?? []).map(({ name }) => name));
  if (!subsets.includes(destination.subset)) {
    report.warn(
      [...path, 'subset'],
      `no DestinationRule of ${host} defines subset "${destination.subset}"${suggestion(destination.subset, subsets)}`,
    );
  }
}

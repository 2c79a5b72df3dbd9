import { completeHost, overlap } from './hosts.ts';
import { type DestinationRule, placeOf, type Resource, type Resources, type VirtualService } from './resources.ts';
import type { Service } from './services.ts';
import type { Finding, Path } from './source.ts';
import { suggestion } from './suggest.ts';

/** What was found: errors refuse the input, warnings do not. */
export interface Checked {
  readonly errors: Finding[];
  readonly warnings: Finding[];
}

/** Checks what a schema cannot: rules against each other and against the services that there are. */
export function validate(resources: Resources, services: readonly Service[], domain: string): Checked {
  const found: Checked = { errors: [], warnings: [] };
  for (const rule of resources.destinationRules) checkHost(rule, ['spec', 'host'], rule.spec.host, services, domain, found);
  for (const virtual of resources.virtualServices) checkVirtualService(virtual, resources.destinationRules, services, domain, found);
  return found;
}

function checkVirtualService(
  virtual: VirtualService,
  rules: readonly DestinationRule[],
  services: readonly Service[],
  domain: string,
  found: Checked,
): void {
  (virtual.spec.http ?? []).forEach((route, i) => {
    (route.route ?? []).forEach(({ destination }, j) => {
      const path = ['spec', 'http', i, 'route', j, 'destination'];
      checkHost(virtual, [...path, 'host'], destination.host, services, domain, found);
      if (destination.subset === undefined) return;
      const host = completeHost(destination.host, virtual.namespace, domain);
      const subsets = rules
        .filter((rule) => overlap(completeHost(rule.spec.host, rule.namespace, domain), host))
        .flatMap((rule) => (rule.spec.subsets ?? []).map((subset) => subset.name));
      if (!subsets.includes(destination.subset)) {
        const message = `no DestinationRule of ${host} defines subset "${destination.subset}"${suggestion(destination.subset, subsets)}`;
        found.warnings.push({ ...placeOf(virtual, [...path, 'subset']), message });
      }
    });
  });
}

function checkHost(rule: Resource<unknown>, path: Path, host: string, services: readonly Service[], domain: string, found: Checked): void {
  const complete = completeHost(host, rule.namespace, domain);
  if (services.some((service) => overlap(complete, service.host))) return;
  const message = `no service has the host ${complete}${suggestion(
    complete,
    services.map((service) => service.host),
  )}`;
  found.warnings.push({ ...placeOf(rule, path), message });
}

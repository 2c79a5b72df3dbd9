import { outboundTargets } from '../../../envoy/generate/clusters.ts';
import { lineOf, type Place, placeIn, tracedRoutes } from '../trace.ts';
import type { World } from '../world.ts';
import type { Notes } from './advice.ts';

/** What Istio acts on and a laptop's sidecars cannot: there are no zones, no weights of endpoints and no redirection. */
export function checkNotGenerated({ mesh, callers }: World, notes: Notes): void {
  for (const { scope } of callers) {
    for (const service of scope.services) {
      const place = placeIn(scope.rule(service)?.rules ?? []);
      for (const { policy, originalDestination } of outboundTargets(scope, service)) {
        const balancer = policy?.loadBalancer;
        const at = (...field: string[]): Place => place(balancer, ...field) ?? lineOf(service, []);
        for (const field of ['localityLbSetting', 'zoneAwareLbSetting'] as const) {
          if (balancer?.[field]) tell(at(field), field, 'replicas on a laptop are in no region or zone');
        }
        if (originalDestination) {
          const [where, what] = balancer?.simple === 'PASSTHROUGH' ? [at('simple'), 'PASSTHROUGH'] : [at(), 'resolution NONE'];
          tell(where, what, 'calls go to where they were addressed, which nobody knows without redirection: here they fail');
        }
      }
    }
    for (const routing of scope.virtualServices) {
      for (const traced of tracedRoutes(mesh, routing)) {
        if (traced.route.retries?.retryRemoteLocalities)
          tell(traced.place('retries', 'retryRemoteLocalities'), 'retryRemoteLocalities', 'replicas on a laptop are in no region or zone');
      }
    }
  }
  for (const service of mesh.services) {
    if (service.kind === 'ServiceEntry' && isWritten(service.source.value, 'spec', 'subjectAltNames'))
      tell(lineOf(service, ['spec', 'subjectAltNames']), 'subjectAltNames', 'calls are not encrypted, so nobody proves a name');
    for (const [i, endpoint] of service.endpoints.entries()) {
      for (const field of ['weight', 'locality', 'network'] as const) {
        if (endpoint[field])
          tell(lineOf(service, ['spec', 'endpoints', i, field]), field, `endpoints are called without regard to their ${field}`);
      }
    }
  }
  for (const entry of mesh.workloadEntries) {
    for (const field of ['weight', 'locality', 'network'] as const) {
      if (entry.spec[field]) tell(lineOf(entry, ['spec', field]), field, `endpoints are called without regard to their ${field}`);
    }
  }

  function tell(place: Place, what: string, why: string): void {
    notes.warn('not-generated', place, {
      problem: `${what} is understood by Istio, and has no effect here`,
      why: `${why}; on a cluster Istio acts on it, so the same file means two things`,
      instead: 'nothing, if the difference is meant; else leave it out, or move it to the overlay of the cluster',
    });
  }
}

function isWritten(value: unknown, ...path: string[]): boolean {
  return path.reduce<unknown>((node, step) => Object.entries(node ?? {}).find(([key]) => key === step)?.[1], value) !== undefined;
}

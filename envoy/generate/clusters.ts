import { type Message, message } from '../json.ts';
import type { Subset, TrafficPolicy } from '../policy/schema/destination-rule.ts';
import type { Scope } from '../policy/scope.ts';
import { type Service, type ServicePort, selects } from '../policy/services.ts';
import { balancerFields } from './balancer.ts';
import { connectionFields } from './connection.ts';
import { inboundCluster, outboundCluster } from './names.ts';
import { outlierDetection } from './outlier.ts';
import { policyOfPort, policyOfSubset } from './policy.ts';

/** The Envoy clusters of a workload's sidecar, as Istio makes them: one for each port and subset of each service, and one for each port of its own. */
export function clustersFor(scope: Scope): Message[] {
  return [...scope.services.flatMap((service) => outboundClusters(scope, service)), ...inboundClusters(scope)];
}

/** A cluster for calls of the workload, and what it stands for. */
export interface OutboundTarget {
  readonly name: string;
  readonly service: Service;
  readonly port: ServicePort;
  readonly subset: Subset | undefined;
  readonly policy: TrafficPolicy | undefined;
  /** Calls go where they were addressed to; there is no balancing. */
  readonly originalDestination: boolean;
}

/** What clusters the calls to a service need. */
export function outboundTargets(scope: Scope, service: Service): OutboundTarget[] {
  const rule = scope.rule(service);
  return service.ports
    .filter((port) => port.protocol !== 'UDP')
    .flatMap((port) => {
      const policy = policyOfPort(rule?.trafficPolicy, port.number);
      const originalDestination = service.resolution === 'NONE' || isPassthrough(policy);
      const targets: OutboundTarget[] = [
        { name: outboundCluster(port.number, '', service.host), service, port, subset: undefined, policy, originalDestination },
        ...(rule?.subsets ?? []).map((subset) => ({
          name: outboundCluster(port.number, subset.name, service.host),
          service,
          port,
          subset,
          policy: policyOfSubset(policy, subset.trafficPolicy, port.number),
          originalDestination: originalDestination || isPassthrough(subset.trafficPolicy),
        })),
      ];
      return targets.filter((target) => target.originalDestination || hasAddress(target));
    });
}

/** A cluster that resolves names is left out if its subset has none to resolve; with other resolutions endpoints come and go. */
function hasAddress({ service, subset }: OutboundTarget): boolean {
  if (service.resolution !== 'DNS' && service.resolution !== 'DNS_ROUND_ROBIN') return true;
  return service.endpoints.some(({ labels }) => selects(subset?.labels ?? {}, labels ?? {}));
}

function outboundClusters(scope: Scope, service: Service): Message[] {
  return outboundTargets(scope, service).map(({ name, port, policy, originalDestination }) =>
    message({
      name,
      ...balancerFields(policy, originalDestination),
      ...connectionFields(policy, port, 'outbound'),
      outlier_detection: outlierDetection(policy?.outlierDetection),
    }),
  );
}

function isPassthrough(policy: TrafficPolicy | undefined): boolean {
  return policy?.loadBalancer?.simple === 'PASSTHROUGH';
}

function inboundClusters(scope: Scope): Message[] {
  const clusters = new Map<number, Message>();
  for (const { service, port, number } of scope.targets) {
    // Of several services on one port the first one's limits hold.
    if (clusters.has(number)) continue;
    const policy = policyOfPort(scope.inboundRule(service)?.trafficPolicy, port.number);
    clusters.set(number, { name: inboundCluster(number), ...connectionFields(policy, port, 'inbound') });
  }
  return [...clusters.values()];
}

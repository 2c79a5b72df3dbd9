import { type Message, message } from '../json.ts';
import { destinationRuleFor } from '../policy/lookup.ts';
import type { Mesh } from '../policy/mesh.ts';
import type { TrafficPolicy } from '../policy/schema.ts';
import { isBehind, type Labelled, type Service, type ServicePort } from '../policy/services.ts';
import { balancerFields } from './balancer.ts';
import { connectionFields } from './connection.ts';
import { inboundCluster, outboundCluster } from './names.ts';
import { outlierDetection } from './outlier.ts';

/** The Envoy clusters of a workload's sidecar, as Istio makes them: one for each port and subset of each service, and one for each port of its own. */
export function clustersFor(mesh: Mesh, proxy: Labelled): Message[] {
  const clusters: Message[] = [];
  for (const service of mesh.services) {
    const rule = destinationRuleFor(mesh, proxy, service);
    for (const port of service.ports) {
      const own = policyOfPort(rule?.trafficPolicy, port);
      clusters.push({ name: outboundCluster(port.number, '', service.host), ...outbound(own, port) });
      for (const subset of rule?.subsets ?? []) {
        const policy = { ...own, ...policyOfPort(subset.trafficPolicy, port) };
        clusters.push({ name: outboundCluster(port.number, subset.name, service.host), ...outbound(policy, port) });
      }
    }
  }
  return [...clusters, ...inboundClusters(mesh, proxy)];
}

function inboundClusters(mesh: Mesh, proxy: Labelled): Message[] {
  const clusters = new Map<number, Message>();
  for (const service of servicesOfWorkload(mesh, proxy)) {
    const rule = destinationRuleFor(mesh, proxy, service);
    for (const port of service.ports) {
      if (clusters.has(port.targetPort)) continue;
      const pool = policyOfPort(rule?.trafficPolicy, port)?.connectionPool;
      clusters.set(port.targetPort, { name: inboundCluster(port.targetPort), ...connectionFields(pool, speaksHttp2(port)) });
    }
  }
  return [...clusters.values()];
}

/** The services that a workload is behind. */
export function servicesOfWorkload(mesh: Mesh, proxy: Labelled): Service[] {
  return mesh.services.filter((service) => isBehind(service, proxy));
}

function speaksHttp2(port: ServicePort): boolean {
  return port.protocol === 'GRPC' || port.protocol === 'HTTP2';
}

function policyOfPort(policy: TrafficPolicy | undefined, port: ServicePort): TrafficPolicy | undefined {
  const level = policy?.portLevelSettings?.find((settings) => settings.port?.number === port.number);
  return level ?? policy;
}

function outbound(policy: TrafficPolicy | undefined, port: ServicePort): Message {
  const outlier = policy?.outlierDetection;
  return message({
    ...balancerFields(policy?.loadBalancer),
    ...connectionFields(policy?.connectionPool, speaksHttp2(port)),
    outlier_detection: outlierDetection(outlier),
    common_lb_config: { healthy_panic_threshold: { value: outlier?.minHealthPercent ?? 0 } },
  });
}

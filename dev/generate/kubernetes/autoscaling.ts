import type { DeployedService, DeployedSystem } from '../systems.ts';
import { component, jsonPatch, type Manifest, metadata, yamlFile } from '../yaml.ts';

/** Autoscalers of a system's services. */
export function autoscalingFiles({ name, services }: DeployedSystem): [name: string, text: string][] {
  const scalers = services.flatMap(autoscaler);
  if (scalers.length === 0) return [];
  return [
    ['kustomization.yaml', yamlFile(`Replicas of ${name} by CPU.`, component({ resources: ['autoscaling.yaml'] }))],
    ['autoscaling.yaml', yamlFile(`Autoscalers of ${name}.`, ...scalers)],
  ];
}

function autoscaler({ system, name, autoscaling }: DeployedService): Manifest[] {
  if (autoscaling === undefined) return [];
  const target = { type: 'Utilization', averageUtilization: autoscaling.cpuPercent };
  return [
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: metadata(system, name),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicas: autoscaling.minReplicas,
        maxReplicas: autoscaling.maxReplicas,
        // Of the service's own container: the CPU of its sidecar says little about the need for another pod.
        metrics: [{ type: 'ContainerResource', containerResource: { container: name, name: 'cpu', target } }],
        behavior: {
          // A start takes a processor for some seconds, which is no load.
          scaleUp: { stabilizationWindowSeconds: 15 },
          // A lull of a minute is not the end of a load.
          scaleDown: { stabilizationWindowSeconds: 60 },
        },
      },
    },
  ];
}

/**
 * CPU above which a replica is added, in thousandths of a core, at least: twice what an idle service uses. Below it two idle
 * replicas would never become one.
 */
const LEAST_BAR = 24;
/** CPU request of every service, in thousandths of a core (mesh/components/service). */
const USUAL_REQUEST = 300;

/**
 * Patches for a machine with two processors, which has room for more replicas of one service in a system: the one with the most
 * replicas at most; of several the first that calls a peer, else the first. The other services keep one replica and ask for less CPU.
 */
export function smallClusterPatches({ name: system, services }: DeployedSystem): Manifest[] {
  const autoscaled = services.filter(({ autoscaling }) => autoscaling !== undefined);
  const most = Math.max(...autoscaled.map(({ autoscaling }) => autoscaling?.maxReplicas ?? 0));
  const largest = autoscaled.filter(({ autoscaling }) => autoscaling?.maxReplicas === most);
  const chosen = largest.find(({ calls }) => calls.length > 0) ?? largest[0];
  const request = (value: string) => jsonPatch({ op: 'replace', path: '/spec/template/spec/containers/0/resources/requests/cpu', value });
  // A demonstration shows the end of the load within a minute.
  const lull = jsonPatch({ op: 'replace', path: '/spec/behavior/scaleDown/stabilizationWindowSeconds', value: 30 });
  return services.flatMap((service) => {
    const { name, autoscaling } = service;
    const target = (kind: string) => ({ kind, namespace: system, name });
    if (service === chosen) {
      const needed = Math.ceil((100 * LEAST_BAR) / (autoscaling?.cpuPercent ?? 100));
      const more = needed > USUAL_REQUEST ? [{ target: target('Deployment'), patch: request(`${needed}m`) }] : [];
      return [{ target: target('HorizontalPodAutoscaler'), patch: lull }, ...more];
    }
    const deletion = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: metadata(system, name), $patch: 'delete' };
    return [
      ...(autoscaling === undefined ? [] : [{ patch: JSON.stringify(deletion) }]),
      { target: target('Deployment'), patch: request('40m') },
    ];
  });
}

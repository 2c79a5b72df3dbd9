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
 * Patches for a machine with two processors, which has room for more replicas of one service in a system: the first autoscaled
 * service that calls a peer, else the first autoscaled one. The other services keep one replica and ask for less CPU.
 */
export function smallClusterPatches({ name: system, services }: DeployedSystem): Manifest[] {
  const autoscaled = services.filter(({ autoscaling }) => autoscaling !== undefined);
  const chosen = autoscaled.find(({ calls }) => calls.length > 0) ?? autoscaled[0];
  const cpu = jsonPatch({ op: 'replace', path: '/spec/template/spec/containers/0/resources/requests/cpu', value: '40m' });
  // A demonstration shows the end of the load within a minute.
  const lull = jsonPatch({ op: 'replace', path: '/spec/behavior/scaleDown/stabilizationWindowSeconds', value: 30 });
  return services.flatMap((service) => {
    const { name, autoscaling } = service;
    const target = (kind: string) => ({ kind, namespace: system, name });
    if (service === chosen) return [{ target: target('HorizontalPodAutoscaler'), patch: lull }];
    const deletion = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: metadata(system, name), $patch: 'delete' };
    return [...(autoscaling === undefined ? [] : [{ patch: JSON.stringify(deletion) }]), { target: target('Deployment'), patch: cpu }];
  });
}

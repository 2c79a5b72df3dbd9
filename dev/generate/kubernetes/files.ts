import type { ImageDigests } from '../images.ts';
import type { DeployedSystem } from '../systems.ts';
import { kustomization, yamlFile } from '../yaml.ts';
import { autoscalingFiles } from './autoscaling.ts';
import { operatorFiles } from './operators.ts';
import { overlayFiles } from './overlays.ts';
import { engineSecurityFile, securityFile } from './security.ts';
import { laptopFiles, rolesFile } from './stores.ts';
import { namespaceFile, settingsFile, telemetryFile, workloadFile } from './workloads.ts';

/**
 * The generated manifests, by path.
 *
 * @param policies names of the hand-written policy files of a system, in `mesh/<system>/`
 */
export function kubernetesFiles(
  systems: readonly DeployedSystem[],
  policies: (system: string) => readonly string[],
  digests: ImageDigests,
): [path: string, text: string][] {
  const services = systems.flatMap((system) => system.services);
  const using = (store: string) => services.filter((service) => service.store === store);
  return [
    ...systems.flatMap((system) => systemFiles(system, policies(system.name))),
    ['mesh/components/postgres/secrets.yaml', rolesFile(using('postgres'))],
    ['mesh/components/postgres/security.yaml', engineSecurityFile('postgres', 5432, using('postgres'))],
    ['mesh/components/mongo/security.yaml', engineSecurityFile('mongo', 27017, using('mongo'))],
    ['mesh/components/kafka/security.yaml', engineSecurityFile('kafka', 9092, services)],
    ...overlayFiles(systems, digests),
  ];
}

function systemFiles(system: DeployedSystem, policies: readonly string[]): [path: string, text: string][] {
  const workloads = system.services.map((service): [string, string] => [`workloads/${service.name}.yaml`, workloadFile(service)]);
  const resources: [string, string][] = [
    ['namespace.yaml', namespaceFile(system)],
    ['security.yaml', securityFile(system)],
    ['telemetry.yaml', telemetryFile(system)],
    ['workloads/settings.yaml', settingsFile(system)],
    ...workloads,
  ];
  const base = kustomization({
    resources: [...policies, ...resources.map(([path]) => path)],
    components: ['../components/service'],
    labels: [{ pairs: { 'app.kubernetes.io/part-of': system.name } }],
  });
  const inComponent = (component: string, files: readonly [string, string][]) =>
    files.map(([path, text]): [string, string] => [`components/${component}/${path}`, text]);
  return [
    [
      'kustomization.yaml',
      yamlFile(`${system.name}: policies, workloads, security. Overlays add databases, broker and ingress.`, base),
    ] as [string, string],
    ...resources,
    ...inComponent('autoscaling', autoscalingFiles(system)),
    ...inComponent('laptop', laptopFiles(system)),
    ...inComponent('operators', operatorFiles(system)),
  ].map(([path, text]) => [`mesh/${system.name}/${path}`, text]);
}

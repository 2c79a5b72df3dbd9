import type { DeployedService, DeployedSystem } from '../systems.ts';
import { type Manifest, metadata, yamlFile } from '../yaml.ts';

/** Marks Deployments that mesh/components/service completes. */
const SERVICE_LABEL = { 'rentmesh/part': 'service' };

/** Marks the ConfigMap of a system, so that overlays change it without its name. */
export const SETTINGS_LABEL = { 'rentmesh/part': 'settings' };

/** Name of the ConfigMap that all services of a system read at start. */
export function settingsName(system: string): string {
  return `${system}-cm`;
}

/** The variable that holds the URI of a service's database; its Secret is named as CloudNativePG names it. */
export function storeVariable({ name, store }: DeployedService): Manifest | undefined {
  const valueFrom = { secretKeyRef: { name: `${name}-app`, key: 'uri' } };
  if (store === 'postgres') return { name: 'DATABASE_URL', valueFrom };
  return store === 'mongo' ? { name: 'MONGODB_URI', valueFrom } : undefined;
}

/** Identity, Deployment and disruption budget of a service. */
export function workloadFile(service: DeployedService): string {
  const { system, name } = service;
  return yamlFile(
    `Workload of ${system}/${name}. mesh/components/service adds probes, the orderly stop, security, placement and resources.`,
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(system, name) },
    deployment(service),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadata(system, name),
      spec: {
        selector: { matchLabels: { app: name } },
        maxUnavailable: 1,
        // An unhealthy pod must not keep its node from being drained.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    },
  );
}

function deployment(service: DeployedService): Manifest {
  const { system, name, main } = service;
  const labels = { app: name, version: 'v1', ...SERVICE_LABEL };
  const settings = Object.entries(service.settings).map(([key, value]) => ({ name: key, value }));
  const configMaps = Object.entries(service.configMaps).map(([variable, { name, key }]) => {
    return { name: variable, valueFrom: { configMapKeyRef: { name, key, optional: true } } };
  });
  const variable = storeVariable(service);
  const env = [...(variable === undefined ? [] : [variable]), ...settings, ...configMaps];
  const init = migration(service);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(system, name, labels),
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          ...(init === undefined ? {} : { initContainers: [init] }),
          containers: [
            {
              name,
              command: ['node', main],
              envFrom: [{ configMapRef: { name: settingsName(system) } }],
              ...(env.length === 0 ? {} : { env }),
            },
          ],
        },
      },
    },
  };
}

/**
 * Migrates the database before the service starts, so that a service that cannot be migrated never takes calls. Pods that
 * start together wait for each other: each migration runs once.
 */
function migration(service: DeployedService): Manifest | undefined {
  if (service.migrations === undefined) return undefined;
  return {
    name: 'migrate',
    image: 'rentmesh',
    command: ['node', 'services/kit/postgres/migrate.ts', service.migrations],
    env: [storeVariable(service)],
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { cpu: '1', memory: '192Mi' } },
  };
}

/** Variables with the host label of each peer of the same system that a service calls, as `meshHost` of the kit reads them. */
function peerHosts({ name: system, services }: DeployedSystem): Record<string, string> {
  const peers = services.filter(({ calledBy }) => calledBy.some((caller) => caller.system === system));
  return Object.fromEntries(peers.map(({ name }) => [`${name.toUpperCase()}_HOST`, name]));
}

/** The settings that all services of a system read. */
export function settingsFile(system: DeployedSystem): string {
  const { name } = system;
  return yamlFile(`Settings of all services of ${name}, read at start: \`kubectl -n ${name} rollout restart deployment\` after a change.`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(name, settingsName(name), SETTINGS_LABEL),
    data: {
      NODE_ENV: 'production',
      FAULT_INJECTION: 'refused',
      LOG_LEVEL: 'info',
      KAFKA_BROKERS: 'kafka.kafka.svc.cluster.local:9092',
      ...peerHosts(system),
    },
  });
}

/** The namespace of a system. NetworkPolicies of the broker select it by its label. */
export function namespaceFile({ name }: DeployedSystem): string {
  return yamlFile(`Namespace of ${name}.`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'istio-injection': 'enabled', 'rentmesh/system': name } },
  });
}

/** Sidecars add their spans to the traces of the services. Istio's own configuration names the provider (docs/kubernetes.md). */
export function telemetryFile({ name }: DeployedSystem): string {
  return yamlFile(`Traces of ${name}. The provider \`otel\` is named in Istio's own configuration (docs/kubernetes.md).`, {
    apiVersion: 'telemetry.istio.io/v1',
    kind: 'Telemetry',
    metadata: metadata(name, 'tracing'),
    spec: { tracing: [{ providers: [{ name: 'otel' }], randomSamplingPercentage: 10 }] },
  });
}

import type { DeployedService, DeployedSystem } from '../systems.ts';
import { component, type Manifest, metadata, yamlFile } from '../yaml.ts';
import { smallClusterPatches } from './autoscaling.ts';

const POSTGRES = 'postgres.postgres.svc.cluster.local:5432';
const MONGO = 'mongo.mongo.svc.cluster.local:27017';

/**
 * Roles and databases of all systems: a system that is added to a running cluster finds its own. PostgreSQL runs the
 * statements once, when it makes its data folder. The passwords are public and worth nothing beyond this component: only
 * the services reach the port (security.yaml).
 */
export function rolesFile(services: readonly DeployedService[]): string {
  const statements = services.flatMap(({ database }) => [
    `CREATE ROLE ${database} LOGIN PASSWORD '${database}';`,
    `CREATE DATABASE ${database} OWNER ${database};`,
    `REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC;`,
  ]);
  return yamlFile(
    'Password of the superuser, and a role with a database for each service of all systems. PostgreSQL runs the statements once, when it makes its data folder.',
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata('postgres', 'postgres'),
      stringData: { password: 'postgres', 'roles.sql': statements.map((statement) => `${statement}\n`).join('') },
    },
  );
}

/**
 * The component that fits a system to a small cluster: the addresses of its databases inside the cluster, fewer replicas,
 * settings for demonstrations.
 */
export function laptopFiles(system: DeployedSystem): [name: string, text: string][] {
  const { name, services } = system;
  const secrets = services.flatMap(storeSecret);
  const patches = [...smallClusterPatches(system), ...testSettings(system)];
  const resources = secrets.length === 0 ? {} : { resources: ['secrets.yaml'] };
  const scaled = services.some(({ autoscaling }) => autoscaling !== undefined);
  const kustomization = component({ ...resources, ...(scaled ? { components: ['../autoscaling'] } : {}), patches });
  return [
    ['kustomization.yaml', yamlFile(`${name} in a small cluster that runs the databases and the broker itself.`, kustomization)],
    ...(secrets.length === 0
      ? []
      : [['secrets.yaml', yamlFile(`Databases of ${name} inside the cluster.`, ...secrets)] as [string, string]]),
  ];
}

function storeSecret(service: DeployedService): Manifest[] {
  const { system, name, store, database } = service;
  if (store === 'none') return [];
  const uri = store === 'postgres' ? `postgres://${database}:${database}@${POSTGRES}/${database}` : `mongodb://${MONGO}/${database}`;
  return [{ apiVersion: 'v1', kind: 'Secret', metadata: metadata(system, `${name}-app`), stringData: { uri } }];
}

/** Adds or replaces variables of the containers: settings of a container win over those of the ConfigMap. */
function testSettings({ name: system, services }: DeployedSystem): Manifest[] {
  return services.flatMap(({ name, testSettings: settings }) => {
    const env = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
    if (env.length === 0) return [];
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: metadata(system, name) };
    return [{ patch: JSON.stringify({ ...deployment, spec: { template: { spec: { containers: [{ name, env }] } } } }) }];
  });
}

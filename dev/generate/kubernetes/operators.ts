import type { DeployedService, DeployedSystem } from '../systems.ts';
import { component, jsonPatch, type Manifest, metadata, yamlFile } from '../yaml.ts';
import { storeVariable } from './workloads.ts';

/** Operators' pods encrypt themselves and have no identity in the mesh: NetworkPolicies decide who reaches them. */
const OUTSIDE_MESH = { 'sidecar.istio.io/inject': 'false' };

/** State of a system kept by operators: CloudNativePG and the MongoDB operator. Names and Secrets are those of the workloads. */
export function operatorFiles({ name, services }: DeployedSystem): [name: string, text: string][] {
  const postgres = services.filter(({ store }) => store === 'postgres');
  const mongo = services.filter(({ store }) => store === 'mongo');
  if (postgres.length + mongo.length === 0) return [];
  const files: [string, string][] = [];
  if (postgres.length > 0)
    files.push([
      'postgres.yaml',
      yamlFile(
        'A PostgreSQL for each service, by CloudNativePG: a primary and two replicas. The operator makes the Secret NAME-app.',
        ...postgres.map(postgresCluster),
      ),
    ]);
  if (mongo.length > 0) files.push(['mongodb.yaml', yamlFile(mongoComment(mongo), ...mongo.map(mongoCluster))]);
  files.push([
    'network.yaml',
    yamlFile(
      'Who reaches the databases: the service that owns it, the other nodes of the same database, and the operator. The network plugin of\nthe cluster has to enforce NetworkPolicies.',
      ...postgres.map(postgresNetwork),
      ...mongo.map(mongoNetwork),
    ),
  ]);
  const kustomization = component({
    resources: files.map(([file]) => file),
    ...(mongo.length > 0 ? { patches: mongo.map(connectionStringPatch) } : {}),
  });
  return [['kustomization.yaml', yamlFile(`State of ${name} kept by CloudNativePG and the MongoDB operator.`, kustomization)], ...files];
}

function postgresCluster({ system, name }: DeployedService): Manifest {
  const locale = { encoding: 'UTF8', localeCollate: 'C', localeCType: 'C' };
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: metadata(system, name),
    spec: {
      instances: 3,
      inheritedMetadata: { labels: OUTSIDE_MESH },
      bootstrap: { initdb: { database: name, owner: name, ...locale } },
      // Up to ten pods of the service, each with DATABASE_POOL_SIZE connections and two more, and those of the operator.
      postgresql: { parameters: { max_connections: '200' } },
      storage: { size: '10Gi' },
      resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '512Mi' } },
    },
  };
}

function mongoComment(services: readonly DeployedService[]): string {
  const commands = services.map(
    ({ system, name }) => `  kubectl -n ${system} create secret generic ${name}-password --from-literal=password="$(openssl rand -hex 24)"`,
  );
  return `Replica sets of the MongoDB operator. It reads each password from a Secret that you make, and writes the Secret NAME-app:\n${commands.join('\n')}`;
}

function mongoCluster({ system, name, database }: DeployedService): Manifest {
  return {
    apiVersion: 'mongodbcommunity.mongodb.com/v1',
    kind: 'MongoDBCommunity',
    metadata: metadata(system, `${name}-mongodb`),
    spec: {
      type: 'ReplicaSet',
      members: 3,
      version: '8.0.15',
      security: { authentication: { modes: ['SCRAM'] } },
      users: [
        {
          name,
          // The database that knows the user is the one in the connection string.
          db: database,
          passwordSecretRef: { name: `${name}-password` },
          roles: [{ name: 'readWrite', db: database }],
          scramCredentialsSecretName: `${name}-mongodb`,
          connectionStringSecretName: `${name}-app`,
        },
      ],
      statefulSet: { spec: { template: { metadata: { labels: OUTSIDE_MESH } } } },
    },
  };
}

/** The key of the Secret is the operator's choice, its name is ours. */
function connectionStringPatch(service: DeployedService): Manifest {
  const { system, name } = service;
  const variable = '/spec/template/spec/containers/0/env/0';
  return {
    target: { kind: 'Deployment', namespace: system, name },
    patch: jsonPatch(
      { op: 'test', path: `${variable}/name`, value: storeVariable(service)?.name },
      { op: 'replace', path: `${variable}/valueFrom/secretKeyRef/key`, value: 'connectionString.standard' },
    ),
  };
}

function networkPolicy(namespace: string, name: string, podSelector: Manifest, ingress: readonly Manifest[]): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(namespace, name),
    spec: { podSelector, policyTypes: ['Ingress'], ingress },
  };
}

function postgresNetwork({ system, name }: DeployedService): Manifest {
  const nodes = { matchLabels: { 'cnpg.io/cluster': name } };
  const operator = { matchLabels: { 'kubernetes.io/metadata.name': 'cnpg-system' } };
  return networkPolicy(system, `postgres-${name}`, nodes, [
    { from: [{ podSelector: { matchLabels: { app: name } } }, { podSelector: nodes }], ports: [{ port: 5432 }] },
    // The operator asks each instance for its status.
    { from: [{ namespaceSelector: operator }, { podSelector: nodes }], ports: [{ port: 8000 }] },
  ]);
}

function mongoNetwork({ system, name }: DeployedService): Manifest {
  // The operator's name for the Service, and the label of its pods.
  const nodes = { matchLabels: { app: `${name}-mongodb-svc` } };
  return networkPolicy(system, `mongodb-${name}`, nodes, [
    { from: [{ podSelector: { matchLabels: { app: name } } }, { podSelector: nodes }], ports: [{ port: 27017 }] },
  ]);
}

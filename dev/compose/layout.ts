import { type Interfaces, PORTS, type Workload } from '../../envoy/index.ts';
import { type ServiceDefinition, services } from '../systems/services.ts';
import { databaseName, type Stores } from '../systems/stores.ts';

/** The services of docker-compose.yml: those of all systems, and the gateway. */
export const composeServices: readonly ServiceDefinition[] = services.filter(({ isLocal }) => !isLocal);

/**
 * Name of a service's container: `<system>-<service>`, and `gateway`, which belongs to no system. Beside it run `<container>-pod`, which holds
 * the network of both, and `<container>-sidecar`.
 */
export function composeContainer({ system, name }: { readonly system: string; readonly name: string }): string {
  return system === 'edge' ? name : `${system}-${name}`;
}

/** A pod has a network of its own: peers reach the sidecar, only the pod itself reaches the service. */
export const interfaces: Interfaces = { inbound: '0.0.0.0', own: '127.0.0.1' };

/** Listener of the edge; docker-compose.yml publishes it. */
export const edgeListen = { host: '0.0.0.0', port: 8088 };

/** The only pod of a service. Its address is its alias in the network `mesh`. */
export function composePod({ system, name }: ServiceDefinition): Workload {
  return {
    name: `${name}-1`,
    namespace: system,
    address: `${name}.${system}`,
    labels: { app: name, version: 'v1' },
    serviceAccount: name,
  };
}

/** The edge. No service calls it. */
export const composeEdge: Workload = {
  name: 'edge',
  namespace: 'edge',
  address: 'edge',
  labels: { app: 'edge', version: 'v1' },
  serviceAccount: 'edge',
};

/** Environment variables of every service's container. The addresses of databases come on top. */
export const serviceSettings = {
  LISTEN_ADDRESS: `${interfaces.own}:${PORTS.service}`,
  OUTBOUND_PROXY: `${interfaces.own}:${PORTS.outbound}`,
  KAFKA_BROKERS: 'kafka:9092',
} as const;

/** The environment variable that holds the password of a role. */
export function passwordVariable(role: string): string {
  return `${role.toUpperCase()}_PASSWORD`;
}

/** Connections to the databases of all services. @param passwordOf returns the password of a role */
export function composeStores(passwordOf: (role: string) => string): Stores {
  return {
    postgresUri: (database) => `postgres://${database}:${encodeURIComponent(passwordOf(database))}@postgres:5432/${database}`,
    mongoUri: (database) => `mongodb://mongo:27017/${database}?directConnection=true`,
  };
}

/** Names of the PostgreSQL databases of all systems: a system that is added later finds its own. */
export const postgresDatabases: readonly string[] = composeServices.filter(({ store }) => store === 'postgres').map(databaseName);

import { type Interfaces, PORTS, type Workload } from '../../envoy/index.ts';
import { databaseName, type ServiceDefinition, type Stores, services } from '../systems/services.ts';

/**
 * The services that docker-compose.yml runs, under their names. Beside each stand `<name>-pod`, which holds the network that the two share, and
 * `<name>-sidecar`.
 */
export const composeServices: readonly ServiceDefinition[] = services.filter(({ isLocal }) => !isLocal);

/** In a network of their own, a pod's service and its ways are reached by the pod alone; peers reach the sidecar. */
export const interfaces: Interfaces = { inbound: '0.0.0.0', own: '127.0.0.1' };

/** Where the edge takes calls from outside; docker-compose.yml publishes it. */
export const edgeListen = { host: '0.0.0.0', port: 8088 };

/** The pod of a service; there is one of each. Its address is the name that its container has in the network of the mesh. */
export function composePod({ system, name }: ServiceDefinition): Workload {
  return {
    name: `${name}-1`,
    namespace: system,
    address: `${name}.${system}`,
    labels: { app: name, version: 'v1' },
    serviceAccount: name,
  };
}

/** The edge. Nobody in the mesh calls it. */
export const composeEdge: Workload = {
  name: 'edge',
  namespace: 'edge',
  address: 'edge',
  labels: { app: 'edge', version: 'v1' },
  serviceAccount: 'edge',
};

/** What a service's container gets to know, as environment variables: all but the addresses of the databases. */
export const serviceSettings = {
  LISTEN_ADDRESS: `${interfaces.own}:${PORTS.service}`,
  OUTBOUND_PROXY: `${interfaces.own}:${PORTS.outbound}`,
  KAFKA_BROKERS: 'kafka:9092',
} as const;

/** The databases, for programs that see all of them. @param password of every role */
export function composeStores(password: string): Stores {
  return {
    postgresUri: (database) => `postgres://${database}:${encodeURIComponent(password)}@postgres:5432/${database}`,
    mongoUri: (database) => `mongodb://mongo:27017/${database}?directConnection=true`,
  };
}

/** The names of the PostgreSQL databases. */
export const postgresDatabases: readonly string[] = composeServices.filter(({ store }) => store === 'postgres').map(databaseName);

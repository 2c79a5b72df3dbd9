import { databaseName, type Stores } from '../systems/stores.ts';
import { type Pod, podPorts, type Topology, text } from './topology.ts';

/** The environment variable that, set to `yes`, makes services start with the `testSettings` of their descriptors. */
export const TEST_SETTINGS = 'RENTMESH_TEST_SETTINGS';

/** The settings of a service's process, as environment variables. */
export function serviceEnvironment(topology: Topology, pod: Pod, stores: Stores): Record<string, string> {
  const { address } = pod.workload;
  const database = databaseName(pod.service);
  return {
    LISTEN_ADDRESS: `${address}:${podPorts.service}`,
    OUTBOUND_PROXY: `${address}:${podPorts.outbound}`,
    KAFKA_BROKERS: text(topology.kafka),
    // For tests and demos; services refuse it where NODE_ENV, which they inherit, is production.
    ...(process.env.NODE_ENV === 'production' ? {} : { FAULT_INJECTION: 'allowed' }),
    ...(pod.service.store === 'postgres' ? { DATABASE_URL: stores.postgresUri(database) } : {}),
    ...(pod.service.store === 'mongo' ? { MONGODB_URI: stores.mongoUri(database) } : {}),
    ...(pod.service.isLocal ? localEnvironment(topology) : {}),
    ...(pod.service.readsSystems ? { SYSTEMS_FILE: topology.state.systems } : {}),
    ...pod.service.settings,
    ...(process.env[TEST_SETTINGS] === 'yes' ? pod.service.testSettings : {}),
  };
}

/** What topologyFromEnvironment makes the same topology of. */
function localEnvironment({ instance, edgeListen, mesh }: Topology): Record<string, string> {
  return { RENTMESH_INSTANCE: String(instance), RENTMESH_PORT: String(edgeListen.port), RENTMESH_MESH: mesh };
}

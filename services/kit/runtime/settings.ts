import { count, number, oneOf, optional, type Setting, type SettingValues, seconds, text } from './setting.ts';

export { count, number, oneOf, optional, type Setting, seconds, text } from './setting.ts';

/** Missing or invalid environment variables: a sentence for each, without its value, which may be a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads settings from environment variables. An empty variable counts as not set.
 *
 * Throws SettingsError with one sentence for each variable that is missing or wrong, and for faults that would be allowed in production.
 */
export function readSettings<S extends Readonly<Record<string, Setting<unknown>>>>(
  shape: S,
  env: NodeJS.ProcessEnv = process.env,
): SettingValues<S> {
  const sentences: string[] = [];
  const values = Object.entries(shape).flatMap(([name, { requirement, parse, unset }]) => {
    const given = env[name] || undefined;
    if (given === undefined && unset !== undefined) return unset.value === undefined ? [] : [[name, unset.value]];
    const value = given === undefined ? undefined : parse(given);
    if (value === undefined) sentences.push(`${name} ${requirement}${given === undefined ? ', but it is not set' : ''}.`);
    return [[name, value]];
  });
  if (sentences.length > 0) throw new SettingsError(sentences.join('\n'));
  const settings = Object.fromEntries(values);
  if (settings.FAULT_INJECTION === 'allowed' && env.NODE_ENV === 'production') {
    throw new SettingsError('FAULT_INJECTION must not be "allowed" where NODE_ENV is "production".');
  }
  // Each value was read by the setting of its name.
  return settings as SettingValues<S>;
}

const ADDRESS = /^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/;
const LISTENER = 'must be an address of the form host:port';
const BROKERS = 'must be a comma-separated list of brokers, each host:port';
const REPLICAS = 'must be a number of replicas, or -1 for the default of the broker';
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Settings of every service. */
export const serverSettings = {
  /** Where the service listens, host:port. */
  LISTEN_ADDRESS: text(LISTENER, ADDRESS, '0.0.0.0:50051'),
  /** The sidecar's outbound listener, host:port, for all outgoing calls. Not set: calls dial the peer's mesh host. */
  OUTBOUND_PROXY: optional(text(LISTENER, ADDRESS)),
  LOG_LEVEL: oneOf(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`, 'info'),
  /** The longest time that running calls may take after SIGTERM. */
  SHUTDOWN_GRACE_SECONDS: seconds(10),
  /** The receiver of spans (OTLP over gRPC). Not set: trace context is passed on and nothing is recorded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(text('must be an OTLP endpoint such as http://collector:4317', /^https?:\/\//)),
  /** Whether the server serves rentmesh.fault.v1.FaultService, which injects faults. Refused if NODE_ENV is production. */
  FAULT_INJECTION: oneOf(['allowed', 'refused'], 'must be "allowed" or "refused"', 'refused'),
};

/** Settings of a service with a PostgreSQL database. */
export const databaseSettings = {
  DATABASE_URL: text('must be a PostgreSQL URL such as postgres://role:password@host:5432/database', /^postgres(ql)?:\/\//),
  /** The largest number of connections of a process for its calls and consumers. */
  DATABASE_POOL_SIZE: count(4),
};

/** Settings of both sides of a guarded call. */
export const leaseSettings = {
  /**
   * How long after the callee has granted an effect its caller may still store what the effect is for. The same value on
   * both sides. Transactions end within it.
   */
  LEASE_SECONDS: seconds(30),
};

/** Settings of a service with a MongoDB database. */
export const mongoSettings = {
  MONGODB_URI: text(
    'must be a MongoDB URI that names the database, such as mongodb://host:27017/database',
    /^mongodb(\+srv)?:\/\/[^/]+\/[^/?]+/,
  ),
};

/** Settings of a service that sends or consumes events. */
export const kafkaSettings = {
  /** Bootstrap brokers, comma separated. */
  KAFKA_BROKERS: { requirement: BROKERS, parse: readBrokers } satisfies Setting<string[]>,
  /** Replicas of each topic that the service creates. -1: the default of the broker. */
  KAFKA_REPLICATION_FACTOR: number(REPLICAS, (value) => Number.isInteger(value) && (value === -1 || value > 0), -1),
};

/** The settings that the service kit uses. A service passes those that it has read. */
export type ServiceSettings = SettingValues<typeof serverSettings> &
  Partial<SettingValues<typeof databaseSettings & typeof mongoSettings & typeof kafkaSettings & typeof leaseSettings>>;

/** The settings of the Kafka port. */
export type KafkaSettings = SettingValues<typeof kafkaSettings>;

function readBrokers(list: string): string[] | undefined {
  const brokers = list.split(',').map((broker) => broker.trim());
  return brokers.every((broker) => ADDRESS.test(broker)) ? brokers : undefined;
}

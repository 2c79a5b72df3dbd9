import { z } from 'zod';

/** Environment variables that are missing or cannot be understood: one sentence for each, never showing a value (it may be a secret). */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads settings from environment variables. `shape` maps each variable to a zod schema; a variable that is set to the empty string counts
 * as not set.
 *
 * Throws SettingsError with one sentence for each variable that is missing or wrong, and for faults that would be allowed in production.
 */
export function readSettings<S extends z.ZodRawShape>(shape: S, env: NodeJS.ProcessEnv = process.env): z.infer<z.ZodObject<S>> {
  const given = Object.fromEntries(Object.keys(shape).flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const result = z.object(shape).safeParse(given);
  if (result.success) {
    if ('FAULT_INJECTION' in result.data && result.data.FAULT_INJECTION === 'allowed' && env.NODE_ENV === 'production') {
      throw new SettingsError('FAULT_INJECTION must not be "allowed" where NODE_ENV is "production".');
    }
    return result.data;
  }
  const sentences = result.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `${name} ${message}${name in given ? '' : ', but it is not set'}.`;
  });
  throw new SettingsError(sentences.join('\n'));
}

/** A setting in seconds, not negative, fractions allowed; `byDefault` where the variable is not set. */
export function seconds(byDefault: number) {
  return number(byDefault, 'must be a number of seconds, 0 or more');
}

const ADDRESS = /^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/;
const BROKERS = 'must be a comma-separated list of brokers, each host:port';
const REPLICAS = 'must be a number of replicas, or -1 for the default of the broker';
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What every service reads. */
export const serverSettings = {
  /** Where the service listens, host:port. */
  LISTEN_ADDRESS: address().default('0.0.0.0:50051'),
  /** The sidecar's outbound listener, host:port; every outgoing call dials it. Where it is not set, calls dial the peer's mesh host. */
  OUTBOUND_PROXY: address().optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  /** How long running calls may take to finish after SIGTERM before they are cut off. */
  SHUTDOWN_GRACE_SECONDS: seconds(10),
  /** Where spans are sent (OTLP over gRPC); without it trace context is passed on, but nothing is recorded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: url('an OTLP endpoint such as http://collector:4317', /^https?:\/\//).optional(),
  /** Whether the server offers rentmesh.fault.v1.FaultService, which makes it slow or wrong on purpose. Never where NODE_ENV is production. */
  FAULT_INJECTION: z.enum(['allowed', 'refused'], { error: 'must be "allowed" or "refused"' }).default('refused'),
};

/** What a service with a PostgreSQL database reads. */
export const databaseSettings = {
  DATABASE_URL: url('a PostgreSQL URL such as postgres://role:password@host:5432/database', /^postgres(ql)?:\/\//),
  /** The most connections that one process opens for its calls and consumers. */
  DATABASE_POOL_SIZE: count(4),
};

/** What the two sides of a guarded call read. */
export const leaseSettings = {
  /**
   * How long after the callee has granted an effect its caller may still store what the effect is for. The same value on
   * both sides. Transactions end within it.
   */
  HOLD_LEASE_SECONDS: seconds(30),
};

/** What a service with a MongoDB database reads. */
export const mongoSettings = {
  MONGODB_URI: url('a MongoDB URI that names the database, such as mongodb://host:27017/database', /^mongodb(\+srv)?:\/\/[^/]+\/[^/?]+/),
};

/** What a service that sends or consumes events reads. */
export const kafkaSettings = {
  /** Brokers to find the cluster by, comma separated. */
  KAFKA_BROKERS: z
    .string({ error: BROKERS })
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .refine((brokers) => brokers.every((broker) => ADDRESS.test(broker)), { error: BROKERS }),
  /** Replicas of each topic that the service creates; -1 leaves it to the broker. */
  KAFKA_REPLICATION_FACTOR: z.coerce
    .number({ error: REPLICAS })
    .int({ error: REPLICAS })
    .refine((value) => value === -1 || value > 0, { error: REPLICAS })
    .default(-1),
};

/** The variables that the kit itself acts on; a service passes those that it has read. */
export type ServiceSettings = z.infer<z.ZodObject<typeof serverSettings>> &
  Partial<z.infer<z.ZodObject<typeof databaseSettings & typeof mongoSettings & typeof kafkaSettings & typeof leaseSettings>>>;

/** What the Kafka port needs of the settings. */
export type KafkaSettings = z.infer<z.ZodObject<typeof kafkaSettings>>;

function address() {
  const error = 'must be an address of the form host:port';
  return z.string({ error }).regex(ADDRESS, { error });
}

function url(description: string, form: RegExp) {
  const error = `must be ${description}`;
  return z.string({ error }).regex(form, { error });
}

function number(byDefault: number, error: string) {
  return z.coerce.number({ error }).nonnegative({ error }).default(byDefault);
}

function count(byDefault: number) {
  const error = 'must be a whole number, 1 or more';
  return z.coerce.number({ error }).int({ error }).positive({ error }).default(byDefault);
}

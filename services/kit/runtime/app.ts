import { hostname } from 'node:os';
import { type Duplex, duplexPair } from 'node:stream';
import { inspect } from 'node:util';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Db } from 'mongodb';
import { FaultServiceService } from '#proto/rentmesh/fault/v1/fault.ts';
import type { EventHandler } from '../events/events.ts';
import type { KafkaPort } from '../events/kafka.ts';
import { isStoreUnavailable } from '../events/transient-errors.ts';
import type { JobHandler } from '../jobs/jobs.ts';
import type { Database } from '../postgres/database.ts';
import type { PostgresDatabase } from '../postgres/postgres.ts';
import { type Client, type Health, Peers } from '../rpc/client.ts';
import { contracts, readCommentedImage } from '../rpc/contracts.ts';
import { releaseEndedCalls } from '../rpc/ended-calls.ts';
import { FaultInjection } from '../rpc/faults.ts';
import { type HealthCheck, HealthService } from '../rpc/health.ts';
import { addReflection, type Reflected } from '../rpc/reflection.ts';
import { addService, type CallContext, type Definition, type Handlers } from '../rpc/server.ts';
import { setErrorDomain } from '../rpc/status-details.ts';
import { requestDecoders } from '../rpc/validation.ts';
import { createLogger, type Logger, reasonOf } from './log.ts';
import { kafkaName, type ServiceName, systemOf, telemetryName } from './service-name.ts';
import { type KafkaSettings, type ServiceSettings, SettingsError } from './settings.ts';
import { startTelemetry } from './telemetry.ts';
import { pause, within } from './waiting.ts';

/** The parts of a service. */
export interface App {
  /** The service's logger. */
  readonly log: Logger;
  /**
   * Connects to the database of DATABASE_URL and migrates it. Retries while the server is unavailable. `migrations`: a folder of
   * SQL files.
   */
  database(migrations: URL): Promise<PostgresDatabase>;
  /** Connects to the database of MONGODB_URI and prepares it. Retries both while the server is unavailable. */
  mongo(prepare: (db: Db) => Promise<void>): Promise<Db>;
  /** Relays the outbox of the database to Kafka, in the background. */
  outbox(database: PostgresDatabase): void;
  /** Consumes the events of the handlers' types for a consumer group, in the background. */
  consume(options: { readonly group: string; readonly handlers: readonly EventHandler[]; readonly database?: Database }): void;
  /** Runs the delayed jobs of the handlers' names in the background. */
  runJobs(options: { readonly database: PostgresDatabase; readonly handlers: readonly JobHandler[] }): void;
  /** Serves a gRPC service. */
  serve<D extends Definition>(definition: D, handlers: Handlers<D>): void;
  /** Runs a task periodically, with this many seconds between two runs. Logs its errors. */
  every(seconds: number, task: () => Promise<void>): void;
  /** Returns the client of a peer, which has its mesh name as its address. */
  client<D extends Definition>(definition: D): Client<D>;
  /** Checks the health of the workload that serves a service (by full name). */
  peerHealth(service: string, context: CallContext): Promise<Health>;
  /** Offers this reflection instead of that of the services served. */
  reflect(reflected: Reflected): void;
  /** Puts another server in front of the gRPC server. The other server gets LISTEN_ADDRESS. */
  behind(frontServer: FrontServer): void;
  /** Uses this check for grpc.health.v1. By default every served service is SERVING. */
  health(check: HealthCheck): void;
  /** Runs a hook at the stop: after calls, consumers and the relay have ended, before databases are closed. */
  onStop(hook: () => Promise<void>): void;
}

/** A server in front of the gRPC server of a service. Accepts all connections and forwards some requests. */
export interface FrontServer {
  /** Listens at host:port. `connect` opens a connection to the gRPC server, which then has no port. */
  listen(address: string, connect: () => Duplex): Promise<void>;
  /** Stops before the gRPC server. Running calls may take `graceMs` to finish. */
  stop(graceMs: number): Promise<void>;
}

/** The longest time that a step of the stop may take, in milliseconds. Then the next one begins. */
const STEP_TIMEOUT_MS = 10_000;

/**
 * Composes a service and serves until SIGTERM or SIGINT. At the stop, health turns NOT_SERVING, running calls finish (at most
 * SHUTDOWN_GRACE_SECONDS), consumers leave their group, the relay ends, databases are closed, and the process exits with code 0. A
 * second signal exits at once. An unhandled error ends the process with code 1.
 */
export async function runService(name: ServiceName, settings: ServiceSettings, compose: (app: App) => Promise<void>): Promise<void> {
  const log = createLogger(name, settings.LOG_LEVEL);
  setErrorDomain(systemOf(name));
  logWarnings(log);
  const die = (error: unknown) => {
    log.fatal({ err: error }, 'ending after an unhandled error');
    process.exit(1);
  };
  process.off('uncaughtException', explainSettings).on('uncaughtException', die).on('unhandledRejection', die);

  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      log.info({ signal }, 'stopping');
      stop.abort();
    });
  }

  releaseEndedCalls();
  const stopTelemetry = await startTelemetry(telemetryName(name), settings.OTEL_EXPORTER_OTLP_ENDPOINT);
  const service = new Service(name, settings, log, stop.signal, stopTelemetry);
  try {
    await compose(service);
    await service.listen();
    await new Promise<void>((resolve) => {
      if (stop.signal.aborted) resolve();
      stop.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } catch (error) {
    if (!stop.signal.aborted) die(error);
  }
  await service.stop();
  log.info('stopped');
  process.exit(0);
}

/** Logs the warnings of Node. */
function logWarnings(log: Logger): void {
  process.removeAllListeners('warning').on('warning', (warning) => {
    log.warn({ err: warning }, 'Node warns');
  });
}

// Print configuration errors as messages, without a stack trace.
process.on('uncaughtException', explainSettings);

function explainSettings(error: unknown): void {
  process.stderr.write(`${error instanceof SettingsError ? error.message : inspect(error)}\n`);
  process.exit(1);
}

class Service implements App {
  readonly log: Logger;
  readonly #name: ServiceName;
  readonly #settings: ServiceSettings;
  readonly #stopSignal: AbortSignal;
  readonly #stopTelemetry: () => Promise<void>;
  readonly #faults: FaultInjection | undefined;
  readonly #server: Server;
  readonly #peers: Peers;
  readonly #decoders = requestDecoders(contracts());
  readonly #services: string[] = [];
  readonly #tasks: Promise<void>[] = [];
  readonly #tasksStop = new AbortController();
  readonly #relays: Promise<void>[] = [];
  readonly #relaysStop = new AbortController();
  readonly #hooks: (() => Promise<void>)[] = [];
  readonly #databases: (() => Promise<void>)[] = [];
  #kafka: Promise<KafkaPort> | undefined;
  #reflected: Reflected = { image: readCommentedImage, services: () => this.#services };
  #frontServer: FrontServer | undefined;
  #check: HealthCheck = (service) => Promise.resolve(service === '' || this.#services.includes(service) ? 'SERVING' : 'SERVICE_UNKNOWN');
  readonly #health = new HealthService((service, context) => this.#check(service, context));

  constructor(name: ServiceName, settings: ServiceSettings, log: Logger, stopSignal: AbortSignal, stopTelemetry: () => Promise<void>) {
    this.#name = name;
    this.#settings = settings;
    this.log = log;
    this.#stopSignal = stopSignal;
    this.#stopTelemetry = stopTelemetry;
    this.#peers = new Peers(settings.OUTBOUND_PROXY);
    this.#faults = settings.FAULT_INJECTION === 'allowed' ? new FaultInjection(log) : undefined;
    this.#server = new Server({ 'grpc.enable_channelz': 0, ...(this.#faults && { interceptors: [this.#faults.interceptor] }) });
  }

  async database(migrations: URL): Promise<PostgresDatabase> {
    const { openDatabase } = await import('../postgres/open.ts');
    const options = {
      url: required(this.#settings.DATABASE_URL, 'databaseSettings'),
      poolSize: required(this.#settings.DATABASE_POOL_SIZE, 'databaseSettings'),
      migrations,
      leaseSeconds: this.#settings.LEASE_SECONDS,
    };
    const database = await openDatabase(options, this.log, this.#stopSignal);
    this.#databases.push(() => database.close());
    return database;
  }

  async mongo(prepare: (db: Db) => Promise<void>): Promise<Db> {
    const uri = required(this.#settings.MONGODB_URI, 'mongoSettings');
    const { connectMongo } = await import('../projection/mongo.ts');
    const client = await connectMongo(uri, prepare, this.log, this.#stopSignal);
    this.#databases.push(() => client.close());
    return client.db();
  }

  outbox(database: PostgresDatabase): void {
    const run = async () => {
      const [{ Relay }, kafka] = await Promise.all([import('../events/relay.ts'), this.#port()]);
      await new Relay(database, kafka.publisher(), this.log).run(this.#relaysStop.signal);
    };
    this.#relays.push(run());
  }

  consume({ group, handlers, database }: { group: string; handlers: readonly EventHandler[]; database?: Database }): void {
    const run = async () => {
      const [{ EventConsumer }, kafka] = await Promise.all([import('../events/consumer.ts'), this.#port()]);
      await new EventConsumer(kafka, { group, handlers, database }, this.log).run(this.#tasksStop.signal);
    };
    this.#tasks.push(run());
  }

  runJobs({ database, handlers }: { database: PostgresDatabase; handlers: readonly JobHandler[] }): void {
    const run = async () => {
      const { JobWorker } = await import('../jobs/worker.ts');
      await new JobWorker(database, handlers, this.log).run(this.#tasksStop.signal);
    };
    this.#tasks.push(run());
  }

  serve<D extends Definition>(definition: D, handlers: Handlers<D>): void {
    addService(this.#server, definition, handlers, { log: this.log, decoders: this.#decoders, stop: this.#stopSignal });
    const services = Object.values(definition).map(({ path }) => path.split('/')[1] ?? '');
    this.#services.push(...new Set(services));
    this.#faults?.offers(definition);
  }

  every(seconds: number, task: () => Promise<void>): void {
    const { signal } = this.#tasksStop;
    const run = async () => {
      for (;;) {
        await pause(seconds * 1000, signal);
        if (signal.aborted) return;
        try {
          await task();
        } catch (error) {
          const text = 'a periodic task failed; it runs again at its next time';
          if (isStoreUnavailable(error)) this.log.warn({ error: reasonOf(error) }, text);
          else this.log.error({ err: error }, text);
        }
      }
    };
    this.#tasks.push(run());
  }

  client<D extends Definition>(definition: D): Client<D> {
    return this.#peers.client(definition);
  }

  async peerHealth(service: string, context: CallContext): Promise<Health> {
    return await this.#peers.health(service, context);
  }

  reflect(reflected: Reflected): void {
    this.#reflected = reflected;
  }

  behind(frontServer: FrontServer): void {
    this.#frontServer = frontServer;
  }

  health(check: HealthCheck): void {
    this.#check = check;
  }

  onStop(hook: () => Promise<void>): void {
    this.#hooks.push(hook);
  }

  async listen(): Promise<void> {
    if (this.#faults !== undefined) this.serve(FaultServiceService, this.#faults.handlers);
    this.#health.addTo(this.#server, this.log);
    addReflection(this.#server, this.#reflected);
    const address = this.#settings.LISTEN_ADDRESS;
    if (this.#frontServer === undefined) await this.#bind(address);
    else await this.#frontServer.listen(address, this.#connector());
    this.#health.start();
    this.log.info({ address, services: this.#services }, 'serving');
  }

  async #bind(address: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Returns a function that connects to the server without a port. */
  #connector(): () => Duplex {
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    return () => {
      const [near, far] = duplexPair();
      // As with sockets, closing one end closes the other.
      near.once('close', () => far.destroy());
      far.once('close', () => near.destroy());
      injector.injectConnection(far);
      return near;
    };
  }

  async stop(): Promise<void> {
    this.#health.stop();
    await this.#stopFrontServer();
    await this.#step(
      'calls',
      async () => {
        // The front server has ended all calls. grpc-js waits forever for a connection that just closed.
        if (this.#frontServer !== undefined) return this.#server.forceShutdown();
        const finished = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
        if (!(await within(this.#settings.SHUTDOWN_GRACE_SECONDS * 1000, finished))) {
          this.log.warn('cutting off the calls that did not finish in time');
          this.#server.forceShutdown();
        }
      },
      this.#settings.SHUTDOWN_GRACE_SECONDS * 1000 + STEP_TIMEOUT_MS,
    );
    this.#tasksStop.abort();
    await this.#step('consumers and tasks', () => Promise.all(this.#tasks));
    // Last, since all of the above commit events.
    this.#relaysStop.abort();
    await this.#step('relay', () => Promise.all(this.#relays));
    for (const hook of this.#hooks) await this.#step('hook', hook);
    this.#peers.close();
    for (const close of this.#databases) await this.#step('database', close);
    await this.#step('telemetry', this.#stopTelemetry);
  }

  async #stopFrontServer(): Promise<void> {
    const graceMs = this.#settings.SHUTDOWN_GRACE_SECONDS * 1000;
    await this.#step('front server', async () => this.#frontServer?.stop(graceMs), graceMs + STEP_TIMEOUT_MS);
  }

  async #step(what: string, work: () => Promise<unknown>, milliseconds = STEP_TIMEOUT_MS): Promise<void> {
    try {
      if (!(await within(milliseconds, work()))) this.log.warn({ what }, 'a step of the stop took too long');
    } catch (error) {
      this.log.error({ err: error, what }, 'a step of the stop failed');
    }
  }

  #port(): Promise<KafkaPort> {
    // The address distinguishes replicas on one host, the host name those of a cluster.
    const clientId = `${kafkaName(this.#name)}@${hostname()}:${this.#settings.LISTEN_ADDRESS}`;
    const connect = async () => {
      const { KafkaPort } = await import('../events/kafka.ts');
      return new KafkaPort(clientId, kafkaSettingsOf(this.#settings), this.log);
    };
    this.#kafka ??= connect();
    return this.#kafka;
  }
}

function kafkaSettingsOf({ KAFKA_BROKERS, KAFKA_REPLICATION_FACTOR }: ServiceSettings): KafkaSettings {
  return {
    KAFKA_BROKERS: required(KAFKA_BROKERS, 'kafkaSettings'),
    KAFKA_REPLICATION_FACTOR: required(KAFKA_REPLICATION_FACTOR, 'kafkaSettings'),
  };
}

function required<T>(value: T | undefined, shape: string): T {
  if (value === undefined) throw new Error(`the service does not read ${shape}, but this call needs it`);
  return value;
}

import { dirname, join } from 'node:path/posix';
import type { Method } from '../mesh/contracts.ts';
import type { Autoscaling, ConfigMapKey } from '../systems/descriptor.ts';
import { type ServiceDefinition, servicesOf } from '../systems/services.ts';
import { databaseName } from '../systems/stores.ts';
import { DescriptorError, type System } from '../systems/systems.ts';

/** A system with everything that its manifests and containers depend on, defaults filled in. */
export interface DeployedSystem {
  /** Namespace in the mesh and profile of docker-compose.yml. */
  readonly name: string;
  readonly startsByDefault: boolean;
  readonly services: readonly DeployedService[];
}

/** A service with everything that its manifests and its container depend on. */
export interface DeployedService {
  readonly system: string;
  readonly name: string;
  /** Program, relative to the repository. */
  readonly main: string;
  /** Migrations, relative to the repository; undefined without a PostgreSQL database. */
  readonly migrations: string | undefined;
  readonly store: 'postgres' | 'mongo' | 'none';
  /** Name of its database and of the role that owns it. */
  readonly database: string;
  /** Paths of the methods that the edge offers, in the order of the contract. */
  readonly publicPaths: readonly string[];
  /** Calls that peers make, in the order of the descriptors. */
  readonly calledBy: readonly PeerCall[];
  /** Paths that it calls itself, through the mesh. */
  readonly calls: readonly string[];
  readonly autoscaling: Autoscaling | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly testSettings: Readonly<Record<string, string>>;
  readonly configMaps: Readonly<Record<string, ConfigMapKey>>;
}

/** A call from one service to another. */
export interface PeerCall {
  readonly system: string;
  readonly name: string;
  readonly path: string;
}

/**
 * Combines descriptors with contracts.
 *
 * @throws DescriptorError for a contract or a call that does not exist
 */
export function deployedSystems(systems: readonly System[], methods: readonly Method[]): DeployedSystem[] {
  const calls = peerCalls(systems, methods);
  return systems.map((system) => ({
    name: system.name,
    startsByDefault: system.startsByDefault === true,
    services: servicesOf([system]).map((service, index) => {
      const contract = system.services[index]?.contract;
      const own = methods.filter((method) => method.service === contract);
      if (own.length === 0) throw new DescriptorError(`${system.name}/${service.name}: there is no contract ${contract}`);
      return deployedService(service, own, calls);
    }),
  }));
}

function deployedService(service: ServiceDefinition, own: readonly Method[], calls: readonly PeerCall[]): DeployedService {
  const { system, name, main, store } = service;
  return {
    system,
    name,
    main,
    migrations: store === 'postgres' ? join(dirname(main), 'migrations') : undefined,
    store,
    database: databaseName(service),
    publicPaths: own.filter(({ isPublic }) => isPublic).map(({ path }) => path),
    calledBy: calls.filter(({ path }) => own.some((method) => method.path === path)),
    calls: service.calls ?? [],
    autoscaling: service.autoscaling,
    settings: service.settings ?? {},
    testSettings: service.testSettings ?? {},
    configMaps: service.configMaps ?? {},
  };
}

function peerCalls(systems: readonly System[], methods: readonly Method[]): PeerCall[] {
  const known = new Set(methods.map(({ path }) => path));
  return systems.flatMap(({ name: system, services }) =>
    services.flatMap(({ name, calls = [] }) =>
      calls.map((path) => {
        if (!known.has(path)) throw new DescriptorError(`${system}/${name} calls ${path}, which no contract has`);
        return { system, name, path };
      }),
    ),
  );
}

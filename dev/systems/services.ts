/** A service of a system: what has to be said to run it. To add a service is to add one of these. */
export interface ServiceDefinition {
  /** The system it belongs to, which is its namespace in the mesh. */
  readonly system: string;
  readonly name: string;
  /** Third number of its pod addresses, 1 to 253, used by no other service. */
  readonly number: number;
  /** How many there are from the start; `npm run service -- scale` changes it while the system runs. */
  readonly replicas: number;
  /** The program, relative to the repository. */
  readonly main: string;
  /** Where it keeps its data: a database of its own, named `<system>_<name>`. */
  readonly store: 'postgres' | 'mongo' | 'none';
  /** Whether it is about the running system itself: it is told which one that is, and there is none of it on a cluster. */
  readonly isLocal?: boolean;
  /** Settings apart from those that every service gets. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The services of all systems. */
export const services: readonly ServiceDefinition[] = [
  { system: 'rentcar', name: 'car', number: 1, replicas: 1, main: 'services/rentcar/car/main.ts', store: 'postgres' },
  { system: 'rentcar', name: 'reservation', number: 2, replicas: 1, main: 'services/rentcar/reservation/main.ts', store: 'postgres' },
  { system: 'rentcar', name: 'rental', number: 3, replicas: 1, main: 'services/rentcar/rental/main.ts', store: 'postgres' },
  { system: 'rentcar', name: 'mypage', number: 4, replicas: 1, main: 'services/rentcar/mypage/main.ts', store: 'mongo' },
  { system: 'edge', name: 'gateway', number: 5, replicas: 1, main: 'services/gateway/main.ts', store: 'none' },
  { system: 'rentmesh', name: 'observer', number: 6, replicas: 1, main: 'dev/observer/main.ts', store: 'none', isLocal: true },
];

/** Name of a service's database, and of the role that owns it. */
export function databaseName(service: ServiceDefinition): string {
  return `${service.system}_${service.name}`;
}

/** What has to be known of the engines to reach them. */
export interface Stores {
  /** Connection URI of a database as its owner. */
  readonly postgresUri: (database: string) => string;
  /** Connection URI of a database. */
  readonly mongoUri: (database: string) => string;
}

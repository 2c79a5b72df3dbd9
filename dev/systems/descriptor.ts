import type { Demo } from '../demos/demo.ts';
import type { Stores } from './stores.ts';

/**
 * Describes a system. `services/<system>/system.ts` exports one under the name `system`; the folder's name is the system's
 * name, its namespace in the mesh and the first word of its proto packages. A laptop, docker-compose.yml, the manifests,
 * the checks and the web app read systems from here and name none themselves.
 *
 * `system.ts` is read before the npm packages are installed: it imports types only, and everything else by `import()`.
 */
export interface SystemDescriptor {
  /** Name in prose and in headings: "Rent-a-car". */
  readonly title: string;
  /** Purpose, in at most 12 words. */
  readonly summary: string;
  /** 0 to 14, used by no other system. It numbers the loopback addresses of the system's pods. */
  readonly number: number;
  /** Whether `npm start` runs it where no system is named. */
  readonly startsByDefault?: boolean;
  /** At most 15. Their order numbers the loopback addresses: append new services. */
  readonly services: readonly ServiceDescriptor[];
  /** Paths of the edge to open first, in the order in which a reader tries them; the web app and the API page apart. */
  readonly pages: readonly Page[];
  /** The self-proof: runs at the end of each `npm start`. */
  readonly proof: () => Promise<{ readonly prove: Prove }>;
  /** What `npm run check` checks: `./dev/invariant.ts`, which the image of the services contains. */
  readonly invariant: () => Promise<{ readonly invariant: Invariant }>;
  /** The demonstrations that `npm run demo` and the mesh page run. */
  readonly demos?: () => Promise<{ readonly demos: readonly Demo[] }>;
}

/** Describes a service of a system. Its identity is `<system>/<name>`, its database `<system>_<name>`. */
export interface ServiceDescriptor {
  /** Name of its folder in `services/<system>/`, of its mesh host, and second word of its proto package. */
  readonly name: string;
  /** Program, relative to the repository. Default: `services/<system>/<name>/main.ts`. */
  readonly main?: string;
  /** Full name of its gRPC service: `rentcar.car.v1.CarService`. */
  readonly contract: string;
  /** Where it keeps its data. A PostgreSQL service has its SQL files in `migrations/` beside the program. */
  readonly store: 'postgres' | 'mongo' | 'none';
  /** Topics that it appends events to. */
  readonly publishes?: readonly string[];
  /** Topics that it consumes, its consumer group being `<system>.<name>`. */
  readonly consumes?: readonly string[];
  /** Methods of peers that it calls through the mesh, as gRPC paths: `/rentcar.car.v1.CarService/CheckUpdateStock`. */
  readonly calls?: readonly string[];
  /** Replicas on a laptop at the start. Default: 1. `npm run service -- scale` changes it while the system runs. */
  readonly replicas?: number;
  /**
   * On a cluster. Without it the service keeps one replica. mesh/overlays/production sets limits of its own, and
   * mesh/overlays/laptop scales one service of a system: the one with the most replicas; of several the first that calls a peer.
   */
  readonly autoscaling?: Autoscaling;
  /** Environment variables in every deployment, besides those that every service gets. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Environment variables that a cluster takes from ConfigMaps of the system's namespace. A ConfigMap may be absent. */
  readonly configMaps?: Readonly<Record<string, ConfigMapKey>>;
  /** Environment variables that replace `settings` in system tests and in mesh/overlays/laptop, so that a test need not wait for long periods. */
  readonly testSettings?: Readonly<Record<string, string>>;
}

/** A value in a ConfigMap. */
export interface ConfigMapKey {
  /** Name of the ConfigMap. */
  readonly name: string;
  readonly key: string;
}

/** A HorizontalPodAutoscaler. */
export interface Autoscaling {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Average CPU of the service's container, in percent of its request, above which a replica is added. */
  readonly cpuPercent: number;
}

/** A page to open first. */
export interface Page {
  /** Path of the edge: `/rentcar/cars`. */
  readonly path: string;
  /** Contents, in at most 8 words. */
  readonly title: string;
}

/**
 * Proves through the edge that a system works, and leaves its data as before.
 *
 * @param url the edge, `http://127.0.0.1:8088`
 * @param report called after each step with its name, its result, and its duration in milliseconds
 * @throws ProofFailed (dev/checks/proof.ts) at the first step that fails
 */
export type Prove = (url: string, report: ProofReport) => Promise<void>;

/** Receives each step of a proof that succeeded. */
export type ProofReport = (step: string, result: string, milliseconds: number) => void;

/** A condition over the databases of a system that holds whenever no event is under way. */
export interface Invariant {
  /** The condition, in one sentence. */
  readonly condition: string;
  /** Seconds after which an event or a lease that a crash left has certainly been dealt with. */
  readonly settleSeconds: number;
  /** Reads the databases once. */
  readonly read: (stores: Stores) => Promise<InvariantReading>;
}

/** What the databases of a system say. Each is read at one moment, the moments of two differ: a violation counts if it stays. */
export interface InvariantReading {
  /** Column names of `rows`. */
  readonly header: readonly string[];
  /** One row per thing that was compared, oldest first. */
  readonly rows: readonly (readonly string[])[];
  /** One sentence per violation; empty if the invariant holds. */
  readonly violations: readonly string[];
}

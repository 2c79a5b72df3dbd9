import type { ServiceDescriptor } from './descriptor.ts';
import { type System, systems } from './systems.ts';

/** A service with all that a deployment needs to know. */
export interface ServiceDefinition extends Omit<ServiceDescriptor, 'contract' | 'main' | 'replicas'> {
  /** The system it belongs to, which is its namespace in the mesh. */
  readonly system: string;
  /** Third number of its pod addresses, 1 to 253, used by no other service. */
  readonly number: number;
  /** How many there are from the start. */
  readonly replicas: number;
  /** The program, relative to the repository. */
  readonly main: string;
  /** Whether it observes the running instance: its environment names the instance. It does not run on a cluster. */
  readonly isLocal?: boolean;
  /** Whether it follows the file with the names of the running systems. */
  readonly readsSystems?: boolean;
}

/** Services of a system get the numbers from 16 × system number + 1 on. */
const NUMBERS_PER_SYSTEM = 16;

/** Services that belong to no system: they run beside any choice of systems. */
export const platformServices: readonly ServiceDefinition[] = [
  { system: 'edge', name: 'gateway', number: 241, replicas: 1, main: 'services/gateway/main.ts', store: 'none', readsSystems: true },
  { system: 'rentmesh', name: 'observer', number: 242, replicas: 1, main: 'dev/observer/main.ts', store: 'none', isLocal: true },
];

/** Returns the services of systems, in the order of the descriptors. */
export function servicesOf(chosen: readonly System[]): ServiceDefinition[] {
  return chosen.flatMap(({ name: system, number, services }) =>
    services.map(
      ({ contract: _, ...service }, index): ServiceDefinition => ({
        ...service,
        system,
        number: NUMBERS_PER_SYSTEM * number + index + 1,
        replicas: service.replicas ?? 1,
        main: service.main ?? `services/${system}/${service.name}/main.ts`,
      }),
    ),
  );
}

/** The services of all systems, and those of the platform. */
export const services: readonly ServiceDefinition[] = [...servicesOf(systems), ...platformServices];

import type { Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import type { Control } from '../../../dev/laptop/control.ts';
import type { Stores } from '../../../dev/systems/stores.ts';
import type { Change } from './change.ts';

/**
 * The running system under test, as far as tests take hold of it otherwise than through its doors. Replicas are named `car-1`, `car-2`, …,
 * the oldest first.
 */
export interface Tested {
  readonly name: 'laptop' | 'Kubernetes';
  readonly control: Pick<Control, 'status' | 'scale' | 'kill' | 'start' | 'stop'>;
  /** The address at which the sidecars of callers know a replica. */
  addressOf(replica: string): Promise<string>;
  /** What the Envoy beside a replica answers at a path of its admin interface. */
  admin(replica: string, path: string): Promise<string>;
  /** Sets the faults of a replica, or of all replicas of a service. */
  setFaults(name: string, faults: Partial<Faults>): Promise<void>;
  /** Runs work that reaches the databases past the mesh. */
  withStores<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
  /** Changes resources of a policy file, such as `rentcar/car.yaml`; resolves when the sidecars of all callers follow it. */
  changePolicy(file: string, changes: readonly Change[]): Promise<void>;
  /** Takes all changes of policies back; resolves when the sidecars follow. */
  restorePolicies(): Promise<void>;
}

import type { Finding } from '../demo.ts';
import type { DemoRecord } from '../record.ts';
import type { UserRequest } from '../users.ts';

/** Data that users work on in one run, and the system's own promises about it. */
export interface DemoWork {
  /** Returns the next request, of any user. */
  readonly next: () => UserRequest;
  /** Compares the stored data with the answers. Users and changes have ended. */
  readonly check: (record: DemoRecord) => Promise<readonly Finding[]>;
}

/** A gRPC method in the mesh. */
export interface MeshMethod {
  /** `car.rentcar.svc.cluster.local`. */
  readonly host: string;
  /** `rentcar.car.v1.CarService/CheckUpdateStock`. */
  readonly method: string;
}

/** Counts the successes among answers. */
export function successes(answers: readonly { readonly outcome: string }[]): number {
  return answers.filter(({ outcome }) => outcome === 'succeeded').length;
}

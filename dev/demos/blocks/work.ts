import type { DemoEnvironment, DemoScript, Finding } from '../demo.ts';
import type { Clause } from '../policy.ts';
import type { DemoRecord } from '../record.ts';
import type { UserRequest } from '../users.ts';

/** Parts of the spec of every block. */
export interface BlockSpec {
  readonly title: string;
  /** The service that users call through the edge. */
  readonly front: string;
  /** The service that the front calls to answer. */
  readonly callee: string;
  /** Makes the data of one run. */
  readonly start: (environment: DemoEnvironment) => Promise<DemoWork>;
}

/** Parts of the spec of a block about the front's call of the callee. */
export interface CallSpec extends BlockSpec {
  readonly call: MeshMethod;
}

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

/** Returns the run of a demonstration. The findings of the work come last. @param expiryMs see `UserCalls` */
export function scriptOf(
  work: DemoWork,
  expiryMs: number,
  findings: (record: DemoRecord) => Promise<readonly Finding[]> | readonly Finding[],
): DemoScript {
  return {
    calls: { next: work.next, expiryMs },
    check: async (record) => [...(await findings(record)), ...(await work.check(record))],
  };
}

/** Returns the time after which a failure counts as expired: the front needs some time beside the call, and a refusal takes much less. */
export function expiryOf(timeout: Clause): number {
  return timeout.value * 0.9;
}

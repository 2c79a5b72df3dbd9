import { sample } from '../mesh/stats.ts';
import type { Replica } from './scene.ts';

/** What the sidecars of a service have seen of one callee. Counts are from the start of each sidecar. */
export interface Traffic {
  /** Calls sent, retries among them. */
  readonly sent: number;
  readonly retries: number;
  /** How many more retries the sidecar that has the fewest left may make at this moment; those that wait for their back-off count. */
  readonly retriesLeft: number;
  /** Retries that were due and not made, because as many were under way as maxRetries allows. */
  readonly retriesRefused: number;
  /** Replicas that were taken out. */
  readonly ejections: number;
  /** By the address of each replica. */
  readonly replicas: ReadonlyMap<string, { readonly sent: number; readonly ejected: boolean }>;
}

/**
 * Reads what sidecars have seen of a callee; undefined if one of them does not answer.
 *
 * @param callers the replicas beside which the sidecars stand
 * @param callee its mesh host: `car.rentcar.svc.cluster.local`
 */
export async function readTraffic(callers: readonly Replica[], callee: string): Promise<Traffic | undefined> {
  const { clusters, silent } = await sample(callers.map(({ name, address }) => ({ name, host: address })));
  if (silent.length > 0) return undefined;
  const outbound = clusters.filter(({ direction, host }) => direction === 'outbound' && host === callee);
  const sum = (counter: string) => outbound.reduce((total, { values }) => total + (values.get(counter) ?? 0), 0);
  const replicas = new Map<string, { sent: number; ejected: boolean }>();
  for (const { name, calls, ejected } of outbound.flatMap((each) => each.replicas)) {
    const before = replicas.get(name) ?? { sent: 0, ejected: false };
    replicas.set(name, { sent: before.sent + calls, ejected: before.ejected || ejected });
  }
  return {
    sent: sum('upstream_rq_total'),
    retries: sum('upstream_rq_retry'),
    retriesLeft: Math.min(
      ...outbound.map(({ values }) => values.get('circuit_breakers.default.remaining_retries') ?? Number.POSITIVE_INFINITY),
    ),
    retriesRefused: sum('upstream_rq_retry_overflow'),
    ejections: sum('outlier_detection.ejections_enforced_total'),
    replicas,
  };
}

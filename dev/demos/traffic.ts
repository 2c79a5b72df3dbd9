import { type ClusterSample, type Sidecar, sample } from '../mesh/stats.ts';
import { identityOf } from '../systems/identity.ts';

/** Counters of the sidecars of a service for one callee, from the start of each sidecar. */
export interface Traffic {
  /** Calls sent, retries among them. */
  readonly sent: number;
  readonly retries: number;
  /** Retries that the sidecar with the fewest left may add at this moment; those that wait for their back-off count as made. */
  readonly retriesLeft: number;
  /** Retries that were due and not made, because of maxRetries. */
  readonly retriesRefused: number;
  /** Ejections of replicas. */
  readonly ejections: number;
  /** By the address of each replica. */
  readonly replicas: ReadonlyMap<string, { readonly sent: number; readonly ejected: boolean }>;
  /** By the name of each circuit: `edge → rentcar/reservation/reserve`. */
  readonly circuits: ReadonlyMap<string, CircuitSample>;
}

/** A circuit: the limits and ejections of callers for one subset of a callee. */
export interface CircuitSample {
  /** Whether every replica is ejected. */
  readonly allEjected: boolean;
  /** Calls refused because of http2MaxRequests or http1MaxPendingRequests. */
  readonly refused: number;
}

/** Counters at a moment of performance.now(). */
export interface DemoSample {
  readonly at: number;
  /** Of the front's calls to the callee. */
  readonly traffic: Traffic;
  /** Of the edge's calls to the front. */
  readonly door: Traffic;
}

/**
 * Reads the counters of sidecars for a callee; undefined if one of them does not answer.
 *
 * @param callers the sidecars of one service
 * @param caller identity of that service: `rentcar/reservation`
 * @param host mesh host of the callee: `car.rentcar.svc.cluster.local`
 */
export async function readTraffic(callers: readonly Sidecar[], caller: string, host: string): Promise<Traffic | undefined> {
  const { clusters, silent } = await sample(callers);
  if (silent.length > 0) return undefined;
  const outbound = clusters.filter((cluster) => cluster.direction === 'outbound' && cluster.host === host);
  const sum = (counter: string) => outbound.reduce((total, { values }) => total + (values.get(counter) ?? 0), 0);
  const left = outbound.map(({ values }) => values.get('circuit_breakers.default.remaining_retries') ?? Number.POSITIVE_INFINITY);
  return {
    sent: sum('upstream_rq_total'),
    retries: sum('upstream_rq_retry'),
    retriesLeft: Math.min(...left),
    retriesRefused: sum('upstream_rq_retry_overflow'),
    ejections: sum('outlier_detection.ejections_enforced_total'),
    replicas: replicasOf(outbound),
    circuits: circuitsOf(outbound, caller),
  };
}

function replicasOf(clusters: readonly ClusterSample[]): Traffic['replicas'] {
  const replicas = new Map<string, { sent: number; ejected: boolean }>();
  for (const { name, calls, ejected } of clusters.flatMap((each) => each.replicas)) {
    const before = replicas.get(name) ?? { sent: 0, ejected: false };
    replicas.set(name, { sent: before.sent + calls, ejected: before.ejected || ejected });
  }
  return replicas;
}

function circuitsOf(clusters: readonly ClusterSample[], caller: string): Traffic['circuits'] {
  const nameOf = ({ host, subset }: ClusterSample) => {
    const [name = '', system = ''] = host.split('.');
    return `${caller} → ${identityOf({ system, name })}${subset === '' ? '' : `/${subset}`}`;
  };
  const counter = ({ values }: ClusterSample, name: string) => values.get(name) ?? 0;
  const circuits = [...Map.groupBy(clusters, nameOf)].map(([name, group]): [string, CircuitSample] => [
    name,
    {
      allEjected: group.some(({ replicas }) => replicas.length > 0 && replicas.every(({ ejected }) => ejected)),
      refused: group.reduce(
        (total, cluster) => total + counter(cluster, 'upstream_rq_active_overflow') + counter(cluster, 'upstream_rq_pending_overflow'),
        0,
      ),
    },
  ]);
  return new Map(circuits);
}

import { identityOf } from '../systems/identity.ts';
import { CounterDelta, CounterDeltas, type Level, quantile } from './counter-deltas.ts';
import { type ClusterSample, type ReplicaSample, type Sample, statusOf } from './stats.ts';

/**
 * What happened between two samples to the calls of one sidecar, or of a group of them, to one service. Counts are of that time, unless they say
 * otherwise.
 */
export interface Row {
  /** The calling pod: `rentcar/reservation-1`, or `edge`. For inbound the pod that is called. For a group its name. */
  readonly sidecar: string;
  readonly direction: 'outbound' | 'inbound';
  /** The service that is called, `rentcar/car`, with its subset as `rentcar/car, v2`; for inbound empty. */
  readonly callee: string;
  readonly host: string;
  readonly port: number;
  readonly subset: string;
  /** Length of the time, in seconds. */
  readonly seconds: number;
  /** Calls that were answered, by the callee or by the sidecar. A call with its retries is one. */
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Share of the answers that are a success, 0 to 1; undefined without calls. */
  readonly success: number | undefined;
  /** Answers by gRPC status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Response times of calls that the callee answered, in milliseconds; what was refused or timed out is not in them. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  /** Tries that were sent, retries among them. */
  readonly tries: number;
  readonly retries: number;
  readonly retriesSucceeded: number;
  /** Retries that were not made, because of maxRetries or the retry budget. */
  readonly retriesRefused: number;
  /** Calls that were refused at once, because a limit was reached (http2MaxRequests, http1MaxPendingRequests). */
  readonly refused: number;
  /** Tries that found no replica to go to: all are ejected, or there is none. */
  readonly noReplica: number;
  readonly timeouts: number;
  /** Calls that are under way now. */
  readonly active: number;
  readonly circuit: Circuit;
  readonly replicas: readonly ReplicaSample[];
  /** Names of the replicas that are ejected now. */
  readonly ejected: readonly string[];
  /** Whether a sidecar has no replica left that is not ejected. */
  readonly allEjected: boolean;
  /** Ejections in this time. */
  readonly ejections: number;
  /** Calls since the sidecar's start. */
  readonly callsEver: number;
}

/** The limits of a sidecar for a service, and what is left of them now; of a group, in the sidecar that has the least left. */
export interface Circuit {
  readonly calls: Level;
  readonly waiting: Level;
  readonly retries: Level;
  readonly connections: Level;
}

/** Why calls are refused now: names of the limits of which nothing is left, and whether all replicas are ejected. Empty: the circuit is closed. */
export function openedBy({ circuit, allEjected }: Pick<Row, 'circuit' | 'allEjected'>): string[] {
  return [...openLimits(circuit), ...(allEjected ? ['all ejected'] : [])];
}

/** Names of the limits of which nothing is left. */
export function openLimits(circuit: Circuit): string[] {
  return (['calls', 'waiting', 'retries', 'connections'] as const).filter((name) => circuit[name].isOpen);
}

/**
 * What happened between two samples, one row for each caller and callee. A sidecar that was restarted in between counts from its start.
 * @param before undefined to count from each sidecar's start; rates are then of no use
 * @param groupOf the group that a sidecar is counted in; each is one of its own if it is not said
 */
export function rowsBetween(before: Sample | undefined, after: Sample, groupOf: (sidecar: string) => string = (name) => name): Row[] {
  const earlier = new Map(before?.clusters.map((cluster) => [keyOf(cluster), cluster]));
  const seconds = before ? (after.at - before.at) / 1000 : 0;
  const deltas = after.clusters.map((cluster) => ({
    group: groupOf(cluster.sidecar),
    delta: new CounterDelta(cluster, earlier.get(keyOf(cluster))),
  }));
  return [...Map.groupBy(deltas, ({ group, delta }) => keyOf({ ...delta.now, sidecar: group })).values()]
    .flatMap((group) =>
      group[0] ? [rowOf(group[0].group, group[0].delta.now, new CounterDeltas(group.map(({ delta }) => delta)), seconds)] : [],
    )
    .sort(byName);
}

/** `rentcar/car` of `car.rentcar.svc.cluster.local`; of another host, the host. */
export function identityOfHost(host: string): string {
  const [, name = '', system = ''] = /^([^.]+)\.([^.]+)\.svc\./.exec(host) ?? [];
  return name === '' ? host : identityOf({ system, name });
}

function keyOf({ sidecar, direction, host, port, subset }: ClusterSample): string {
  return [sidecar, direction, host, port, subset].join('|');
}

function byName(a: Row, b: Row): number {
  const key = (row: Row): string => `${row.direction === 'outbound' ? 0 : 1} ${row.sidecar} ${row.callee}`;
  return key(a) < key(b) ? -1 : 1;
}

function rowOf(sidecar: string, { direction, host, port, subset }: ClusterSample, deltas: CounterDeltas, seconds: number): Row {
  const grown = (name: string): number => deltas.grown(name);
  // Calls in another protocol are not among those of gRPC: the gateway has both, and counts as what it had last.
  const hadOthersOnly = grown('grpc.total') + grown('upstream_rq_retry') === 0 && grown('upstream_rq_completed') > 0;
  const isGrpc = deltas.value('grpc.total') > 0 && !hadOthersOnly;
  const calls = grown(isGrpc ? 'grpc.total' : 'upstream_rq_completed');
  const successes = isGrpc ? grown('grpc.success') : calls - grown('upstream_rq_5xx');
  const { times, replicas } = deltas;
  return {
    sidecar,
    direction,
    callee: subset === '' ? identityOfHost(host) : `${identityOfHost(host)}, ${subset}`,
    host,
    port,
    subset,
    seconds,
    calls,
    callsPerSecond: seconds > 0 ? calls / seconds : 0,
    success: calls > 0 ? successes / calls : undefined,
    statuses: Object.fromEntries(
      [...deltas.counters].flatMap((name) => {
        const [status, count] = [statusOf(name), grown(name)];
        return status !== undefined && count > 0 ? [[status, count]] : [];
      }),
    ),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    tries: grown('upstream_rq_total'),
    retries: grown('upstream_rq_retry'),
    retriesSucceeded: grown('upstream_rq_retry_success'),
    retriesRefused: grown('upstream_rq_retry_overflow'),
    // Of limits, http2MaxRequests is counted by the first and http1MaxPendingRequests by the second.
    refused: grown('upstream_rq_active_overflow') + grown('upstream_rq_pending_overflow'),
    noReplica: grown('upstream_cx_none_healthy'),
    timeouts: grown('upstream_rq_timeout'),
    active: deltas.value('upstream_rq_active'),
    circuit: {
      calls: deltas.level('calls', 'remaining_rq', 'rq_open'),
      waiting: deltas.level('waiting', 'remaining_pending', 'rq_pending_open'),
      retries: deltas.level('retries', 'remaining_retries', 'rq_retry_open'),
      connections: deltas.level('connections', 'remaining_cx', 'cx_open'),
    },
    replicas,
    ejected: replicas.filter(({ ejected }) => ejected).map(({ name }) => name),
    allEjected: deltas.allEjected,
    ejections: grown('outlier_detection.ejections_enforced_total'),
    callsEver: Math.max(deltas.value('grpc.total'), deltas.value('upstream_rq_completed')),
  };
}

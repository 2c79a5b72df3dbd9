import { type Bucket, type ClusterSample, type ReplicaSample, type Sample, statusOf } from './stats.ts';

/** What happened between two samples to the calls of one sidecar to one service. Counts are of that time, unless they say otherwise. */
export interface Row {
  /** The calling pod: `reservation-1`, or `edge`. For inbound the pod that is called. */
  readonly sidecar: string;
  readonly direction: 'outbound' | 'inbound';
  /** The service that is called, `car`, with its subset as `car/v2`; for inbound empty. */
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
  /** Ejections in this time. */
  readonly ejections: number;
  /** Calls since the sidecar's start. */
  readonly callsEver: number;
}

/** The limits of a sidecar for a service, and what is left of them now. */
export interface Circuit {
  readonly calls: Level;
  readonly waiting: Level;
  readonly retries: Level;
  readonly connections: Level;
}

/** One limit. */
export interface Level {
  /** Undefined if there is none. */
  readonly limit: number | undefined;
  /** What is left now; undefined if there is no limit. */
  readonly left: number | undefined;
  /** Nothing is left: one more is refused. */
  readonly isOpen: boolean;
}

/**
 * What happened between two samples, one row for each caller and callee. A sidecar that was restarted in between counts from its start.
 * @param before undefined to count from each sidecar's start; rates are then of no use
 */
export function rowsBetween(before: Sample | undefined, after: Sample): Row[] {
  const earlier = new Map(before?.clusters.map((cluster) => [keyOf(cluster), cluster]));
  const seconds = before ? (after.at - before.at) / 1000 : 0;
  return after.clusters.map((cluster) => rowOf(cluster, earlier.get(keyOf(cluster)), seconds)).sort(byName);
}

function keyOf({ sidecar, direction, host, port, subset }: ClusterSample): string {
  return [sidecar, direction, host, port, subset].join('|');
}

function byName(a: Row, b: Row): number {
  const key = (row: Row): string => `${row.direction === 'outbound' ? 0 : 1} ${row.sidecar} ${row.callee}`;
  return key(a) < key(b) ? -1 : 1;
}

function rowOf(now: ClusterSample, earlier: ClusterSample | undefined, seconds: number): Row {
  const value = (name: string): number => now.values.get(name) ?? 0;
  // Less than before: the sidecar was started anew in between.
  const before = earlier && value('upstream_rq_total') >= (earlier.values.get('upstream_rq_total') ?? 0) ? earlier : undefined;
  const grown = (name: string): number => Math.max(0, value(name) - (before?.values.get(name) ?? 0));
  const isGrpc = value('grpc.total') > 0;
  const calls = grown(isGrpc ? 'grpc.total' : 'upstream_rq_completed');
  const successes = isGrpc ? grown('grpc.success') : calls - grown('upstream_rq_5xx');
  const times = difference(now.times, before?.times ?? []);
  const [service = now.host] = now.host.split('.');
  return {
    sidecar: now.sidecar,
    direction: now.direction,
    callee: now.subset === '' ? service : `${service}/${now.subset}`,
    host: now.host,
    port: now.port,
    subset: now.subset,
    seconds,
    calls,
    callsPerSecond: seconds > 0 ? calls / seconds : 0,
    success: calls > 0 ? successes / calls : undefined,
    statuses: Object.fromEntries(
      [...now.values.keys()].flatMap((name) => {
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
    active: value('upstream_rq_active'),
    circuit: circuitOf(now),
    replicas: now.replicas,
    ejected: now.replicas.filter(({ ejected }) => ejected).map(({ name }) => name),
    ejections: grown('outlier_detection.ejections_enforced_total'),
    callsEver: value(isGrpc ? 'grpc.total' : 'upstream_rq_completed'),
  };
}

function circuitOf({ limits, values }: ClusterSample): Circuit {
  const level = (limit: number | undefined, left: string, open: string): Level => ({
    limit,
    left: limit === undefined ? undefined : (values.get(`circuit_breakers.default.${left}`) ?? limit),
    isOpen: values.get(`circuit_breakers.default.${open}`) === 1,
  });
  return {
    calls: level(limits.calls, 'remaining_rq', 'rq_open'),
    waiting: level(limits.waiting, 'remaining_pending', 'rq_pending_open'),
    retries: level(limits.retries, 'remaining_retries', 'rq_retry_open'),
    connections: level(limits.connections, 'remaining_cx', 'cx_open'),
  };
}

function difference(now: readonly Bucket[], before: readonly Bucket[]): Bucket[] {
  const earlier = new Map(before.map(({ from, count }) => [from, count]));
  return now.map((bucket) => ({ ...bucket, count: bucket.count - (earlier.get(bucket.from) ?? 0) })).filter(({ count }) => count > 0);
}

/** The value below which a share of the counts lies; within a bar they are taken as spread evenly. Undefined without counts. */
export function quantile(buckets: readonly Bucket[], share: number): number | undefined {
  const sorted = [...buckets].sort((a, b) => a.from - b.from);
  const wanted = share * sorted.reduce((sum, { count }) => sum + count, 0);
  let below = 0;
  for (const { from, width, count } of sorted) {
    if (below + count >= wanted) return from + (width * (wanted - below)) / count;
    below += count;
  }
  return undefined;
}

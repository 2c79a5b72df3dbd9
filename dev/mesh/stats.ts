import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { GRPC_STATUS } from '../../envoy/generate/grpc.ts';
import { askAdmin } from '../laptop/admin.ts';

/** An Envoy that can be asked. */
export interface Sidecar {
  /** The pod that it stands beside: `rentcar/reservation-1`, or `edge`. */
  readonly name: string;
  /** The pod's address. */
  readonly host: string;
  /** Path of the Unix socket of its admin interface. */
  readonly admin: string;
}

/** What all sidecars have counted up to a moment. Two samples make rates: see rowsBetween. */
export interface Sample {
  /** Milliseconds of performance.now(). */
  readonly at: number;
  readonly clusters: readonly ClusterSample[];
  /** Sidecars that did not answer. */
  readonly silent: readonly string[];
}

/** The counters of one sidecar for the calls to one port of a service, or for those that come in to its own pod. */
export interface ClusterSample {
  readonly sidecar: string;
  readonly direction: 'outbound' | 'inbound';
  /** Host of the service; empty for inbound. */
  readonly host: string;
  readonly port: number;
  readonly subset: string;
  /** Counters and gauges by Envoy's name below the cluster: `upstream_rq_total`, `grpc.14`. */
  readonly values: ReadonlyMap<string, number>;
  /** Response times since the start: milliseconds from `from` on, `width` wide. */
  readonly times: readonly Bucket[];
  readonly limits: Limits;
  readonly replicas: readonly ReplicaSample[];
}

/** One bar of a histogram. */
export interface Bucket {
  readonly from: number;
  readonly width: number;
  readonly count: number;
}

/** Limits at once; undefined where there is none. */
export interface Limits {
  readonly calls: number | undefined;
  readonly waiting: number | undefined;
  readonly retries: number | undefined;
  readonly connections: number | undefined;
}

/** A replica as one caller's sidecar has seen it since its start. */
export interface ReplicaSample {
  /** Its pod where the sample knows it, else its address. */
  readonly name: string;
  readonly ejected: boolean;
  readonly calls: number;
  /** Calls that ended without success: no answer, or one that Envoy takes for a 5xx. */
  readonly failures: number;
}

/** An Envoy on the same machine that takes longer is not going to answer. */
const PATIENCE_MS = 2000;
/** How long Envoy takes to put its workers' histograms together. */
const FLUSH_MS = 20;

/** What is asked of /stats: everything else that Envoy counts is left out there. */
const FILTER = String.raw`^cluster\.(out|in)bound\|.*\.(upstream_cx_none_healthy|upstream_rq_(total|completed|2xx|5xx|retry|retry_success|retry_overflow|retry_limit_exceeded|pending_overflow|active_overflow|timeout|active|pending_active|time)|circuit_breakers\.default\.[a-z_]+|outlier_detection\.ejections_(active|enforced_total)|grpc\.(total|success|failure|\d+))$`;

/** Asks the admin interfaces of all sidecars at once. Those that do not answer are named. */
export async function sample(sidecars: readonly Sidecar[]): Promise<Sample> {
  const at = performance.now();
  const names = new Map(sidecars.map(({ host, name }) => [host, name]));
  const read = await Promise.all(sidecars.map(async (sidecar) => ({ sidecar, clusters: await readSidecar(sidecar, names) })));
  return {
    at,
    clusters: read.flatMap(({ clusters }) => clusters ?? []),
    silent: read.filter(({ clusters }) => clusters === undefined).map(({ sidecar }) => sidecar.name),
  };
}

const bucket = z.object({ lower_bound: z.number(), width: z.number(), count: z.number() });
const statsAnswer = z.object({
  stats: z.array(
    z.union([
      z.object({ name: z.string(), value: z.number() }),
      z.object({
        histograms: z.object({ details: z.array(z.object({ name: z.string(), totals: z.array(bucket) })).optional() }),
      }),
      z.object({}),
    ]),
  ),
});
const count = z.coerce.number().default(0);
const clustersAnswer = z.object({
  cluster_statuses: z
    .array(
      z.object({
        name: z.string(),
        host_statuses: z
          .array(
            z.object({
              address: z.object({ socket_address: z.object({ address: z.string() }).optional() }).optional(),
              health_status: z.object({ failed_outlier_check: z.boolean().default(false) }).optional(),
              stats: z.array(z.object({ name: z.string(), value: count })).default([]),
            }),
          )
          .default([]),
        circuit_breakers: z
          .object({
            thresholds: z.array(
              z.object({
                max_connections: z.number().optional(),
                max_pending_requests: z.number().optional(),
                max_requests: z.number().optional(),
                max_retries: z.number().optional(),
              }),
            ),
          })
          .optional(),
      }),
    )
    .default([]),
});

async function readSidecar({ name, admin }: Sidecar, names: ReadonlyMap<string, string>): Promise<ClusterSample[] | undefined> {
  try {
    // Reading makes Envoy bring its histograms up to date, but after the answer: a first reading is for the second.
    await askAdmin(admin, `/stats?filter=${encodeURIComponent('^$')}`, PATIENCE_MS);
    await sleep(FLUSH_MS);
    const [stats, clusters] = await Promise.all([
      ask(admin, `/stats?format=json&histogram_buckets=detailed&filter=${encodeURIComponent(FILTER)}`, statsAnswer),
      ask(admin, '/clusters?format=json', clustersAnswer),
    ]);
    const { values, times } = byCluster(stats);
    return clusters.cluster_statuses.flatMap(({ name: cluster, host_statuses, circuit_breakers }) => {
      const [, direction, port, subset = '', service = ''] = /^(outbound|inbound)\|(\d+)\|([^|]*)\|(.*)$/.exec(cluster) ?? [];
      if (direction !== 'outbound' && direction !== 'inbound') return [];
      const limits = circuit_breakers?.thresholds[0];
      return [
        {
          sidecar: name,
          direction,
          host: service,
          port: Number(port),
          subset,
          values: values.get(cluster) ?? new Map<string, number>(),
          times: times.get(cluster) ?? [],
          limits: {
            calls: limit(limits?.max_requests),
            waiting: limit(limits?.max_pending_requests),
            retries: limit(limits?.max_retries),
            connections: limit(limits?.max_connections),
          },
          replicas: host_statuses.map(({ address, health_status, stats: counted }) => {
            const ip = address?.socket_address?.address ?? '';
            const counter = (counterName: string) => counted.find((each) => each.name === counterName)?.value ?? 0;
            return {
              name: names.get(ip) ?? ip,
              ejected: health_status?.failed_outlier_check === true,
              calls: counter('rq_total'),
              // Not rq_error, which counts calls as well that a limit kept from being sent.
              failures: Math.max(0, counter('rq_total') - counter('rq_success') - counter('rq_active')),
            };
          }),
        },
      ];
    });
  } catch {
    // It is stopped, or on its way up: the caller is told that it is silent.
    return undefined;
  }
}

async function ask<T extends z.ZodType>(admin: string, path: string, answer: T): Promise<z.output<T>> {
  return answer.parse(JSON.parse(await askAdmin(admin, path, PATIENCE_MS)));
}

/** The largest 32-bit number is Istio's way to write "no limit". */
function limit(value: number | undefined): number | undefined {
  return value === undefined || value >= 2 ** 32 - 1 ? undefined : value;
}

/** Splits `cluster.<name>.<counter>`. A cluster's name has dots, counters of interest are known by their first word. */
const COUNTER = /^cluster\.(.+)\.((?:upstream_cx_|upstream_rq_|circuit_breakers\.|outlier_detection\.|grpc\.).+)$/;

function byCluster({ stats }: z.output<typeof statsAnswer>) {
  const values = new Map<string, Map<string, number>>();
  const times = new Map<string, Bucket[]>();
  for (const entry of stats) {
    if ('name' in entry) {
      const [, cluster = '', counter = ''] = COUNTER.exec(entry.name) ?? [];
      const known = values.get(cluster) ?? new Map<string, number>();
      values.set(cluster, known.set(counter, entry.value));
    } else if ('histograms' in entry) {
      for (const { name, totals } of entry.histograms.details ?? []) {
        const [, cluster = '', counter = ''] = COUNTER.exec(name) ?? [];
        if (counter === 'upstream_rq_time')
          times.set(
            cluster,
            totals.map(({ lower_bound, width, count: number }) => ({ from: lower_bound, width, count: number })),
          );
      }
    }
  }
  return { values, times };
}

/** The gRPC status of a counter `grpc.14`; undefined for other counters. */
export function statusOf(counter: string): string | undefined {
  const [, code] = /^grpc\.(\d+)$/.exec(counter) ?? [];
  return code === undefined ? undefined : (GRPC_STATUS[Number(code)] ?? code);
}

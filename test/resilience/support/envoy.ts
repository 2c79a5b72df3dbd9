import { tested } from '../../support/tested/index.ts';

/** What a sidecar's Envoy answers at a path of its admin interface. */
async function admin(pod: string, path: string): Promise<unknown> {
  return JSON.parse(await tested.admin(pod, path));
}

/** The counters and gauges of a cluster of a sidecar, by the rest of their names. One that was never touched is missing. */
async function stats(pod: string, cluster: string): Promise<Map<string, number>> {
  // Istio ends the names of clusters in its sidecars' counters with a semicolon.
  const names = `^cluster\\.${cluster.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')};?\\.`;
  // The form of Envoy's own JSON; histograms have no name.
  const { stats: all } = (await admin(pod, `/stats?format=json&filter=${encodeURIComponent(names)}`)) as {
    stats: { name?: string; value?: number }[];
  };
  const prefix = new RegExp(names);
  return new Map(all.flatMap(({ name, value }) => (name !== undefined && value !== undefined ? [[name.replace(prefix, ''), value]] : [])));
}

/** What a sidecar counts of its calls to a service of rent-a-car: `upstream_rq_total` and the like. */
export function outboundStats(pod: string, service: string): Promise<Map<string, number>> {
  return stats(pod, `outbound|50051||${service}.rentcar.svc.cluster.local`);
}

/** How much a counter has grown from one look to the next. */
export function growth(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>, name: string): number {
  return (after.get(name) ?? 0) - (before.get(name) ?? 0);
}

/** A replica as a caller's sidecar sees it. */
export interface Host {
  readonly address: string;
  /** Whether the outlier detection of the caller has ejected the host. */
  readonly ejected: boolean;
  /** Whether EDS reports the host as healthy. */
  readonly ready: boolean;
  /** Calls that it answered well. */
  readonly successes: number;
  /** Calls that it was sent. */
  readonly calls: number;
}

interface HostStatus {
  readonly address: { readonly socket_address: { readonly address: string } };
  readonly stats: readonly { readonly name: string; readonly value?: string }[];
  readonly health_status: { readonly failed_outlier_check?: boolean; readonly eds_health_status?: string };
}

/** The replicas of a service (`rentcar/car`), as the sidecar of a caller sees them. */
export async function hostsOf(caller: string, service: string): Promise<Host[]> {
  // The form of Envoy's own JSON.
  const { cluster_statuses: clusters } = (await admin(caller, '/clusters?format=json')) as {
    cluster_statuses: { name: string; host_statuses?: HostStatus[] }[];
  };
  const [system, name] = service.split('/');
  const cluster = clusters.find((each) => each.name === `outbound|50051||${name}.${system}.svc.cluster.local`);
  return (cluster?.host_statuses ?? []).map(({ address, stats: counters, health_status }) => {
    const count = (name: string) => Number(counters.find((each) => each.name === name)?.value ?? 0);
    return {
      address: address.socket_address.address,
      ejected: health_status.failed_outlier_check === true,
      ready: (health_status.eds_health_status ?? 'HEALTHY') === 'HEALTHY',
      successes: count('rq_success'),
      calls: count('rq_total'),
    };
  });
}

/** One replica, by its name (`rentcar/car-2`), as the sidecar of a caller sees it. */
export async function hostOf(caller: string, replica: string): Promise<Host> {
  const [hosts, own] = await Promise.all([hostsOf(caller, replica.replace(/-\d+$/, '')), tested.addressOf(replica)]);
  const host = hosts.find(({ address }) => address === own);
  if (host === undefined) throw new Error(`the sidecar of ${caller} does not know ${replica}; it knows ${JSON.stringify(hosts)}`);
  return host;
}

/** Whether a caller leaves a replica alone: for the answers that it gave, or since Kubernetes has found it not ready, or gone. */
export async function isLeftAlone(caller: string, replica: string): Promise<boolean> {
  const [hosts, own] = await Promise.all([hostsOf(caller, replica.replace(/-\d+$/, '')), tested.addressOf(replica)]);
  const host = hosts.find(({ address }) => address === own);
  return host === undefined || host.ejected || !host.ready;
}

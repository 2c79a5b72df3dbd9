import { get } from 'node:http';
import { podPorts } from '../topology.ts';

/** What the sidecars of a service have seen of one callee. All but `ejected` count from the start of each sidecar. */
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
  /** Calls that the timeout of their route has ended. */
  readonly timeouts: number;
  /** By the address of each replica. */
  readonly replicas: ReadonlyMap<string, { readonly sent: number; readonly ejected: boolean }>;
}

interface StatsAnswer {
  readonly stats: readonly { readonly name?: string; readonly value?: number }[];
}

interface ClustersAnswer {
  readonly cluster_statuses?: readonly {
    readonly name: string;
    readonly host_statuses?: readonly {
      readonly address: { readonly socket_address?: { readonly address: string } };
      readonly stats?: readonly { readonly name: string; readonly value?: string }[];
      readonly health_status?: { readonly failed_outlier_check?: boolean };
    }[];
  }[];
}

/** Everything is on the same machine. */
const PATIENCE = 2000;

/** What an Envoy's admin interface answers. Rejects if it does not. */
function ask<T>(host: string, path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const outgoing = get({ host, port: podPorts.admin, path, timeout: PATIENCE }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      // Envoy's admin messages, as far as their interfaces above name them.
      response.on('end', () => resolve(JSON.parse(text) as T));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`the Envoy admin at ${host} does not answer`)));
    outgoing.on('error', reject);
  });
}

/**
 * Reads what sidecars have seen of a callee.
 *
 * @param callers pod addresses of the callers
 * @param callee its mesh host: `car.rentcar.svc.cluster.local`
 */
export async function readTraffic(callers: readonly string[], callee: string): Promise<Traffic> {
  const cluster = `outbound|50051||${callee}`;
  const filter = `^cluster\\.${RegExp.escape(cluster)}\\.(upstream_rq_(total|retry|retry_overflow|timeout)|circuit_breakers\\.default\\.remaining_retries|outlier_detection\\.ejections_enforced_total)$`;
  const each = await Promise.all(
    callers.map(async (host) => {
      const [{ stats }, { cluster_statuses = [] }] = await Promise.all([
        ask<StatsAnswer>(host, `/stats?format=json&filter=${encodeURIComponent(filter)}`),
        ask<ClustersAnswer>(host, '/clusters?format=json'),
      ]);
      const of = (name: string) => stats.find((stat) => stat.name === `cluster.${cluster}.${name}`)?.value ?? 0;
      return { of, hosts: cluster_statuses.find(({ name }) => name === cluster)?.host_statuses ?? [] };
    }),
  );
  const sum = (name: string) => each.reduce((total, { of }) => total + of(name), 0);
  const replicas = new Map<string, { sent: number; ejected: boolean }>();
  for (const { address, stats = [], health_status } of each.flatMap(({ hosts }) => hosts)) {
    const name = address.socket_address?.address ?? '';
    const before = replicas.get(name) ?? { sent: 0, ejected: false };
    const sent = Number(stats.find((stat) => stat.name === 'rq_total')?.value ?? 0);
    replicas.set(name, { sent: before.sent + sent, ejected: before.ejected || health_status?.failed_outlier_check === true });
  }
  return {
    sent: sum('upstream_rq_total'),
    retries: sum('upstream_rq_retry'),
    retriesLeft: Math.min(...each.map(({ of }) => of('circuit_breakers.default.remaining_retries'))),
    retriesRefused: sum('upstream_rq_retry_overflow'),
    ejections: sum('outlier_detection.ejections_enforced_total'),
    timeouts: sum('upstream_rq_timeout'),
    replicas,
  };
}

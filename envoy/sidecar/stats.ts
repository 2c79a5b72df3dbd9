import type { Message } from '../json.ts';
import { httpListener, ROUTER } from './listeners.ts';

const ADMIN = 'rentmesh.admin';
/** Istio's port for the statistics of a sidecar. */
const STATS_PORT = 15090;

/**
 * The name of a cluster, dots included, becomes a label: by default Envoy takes it to end at its first dot, and the rest of a mesh name would be
 * part of the metric's.
 */
export const STATS_CONFIG: Message = {
  stats_tags: [{ tag_name: 'mesh_cluster', regex: '^cluster\\.(([^.]+\\.[^.]+\\.svc\\.cluster\\.local)\\.)' }],
};

/**
 * Where a collector reads the Envoy's statistics, under Istio's port and path. The admin interface itself can stop the Envoy: it stays within
 * the pod.
 */
export function statsListener(address: string): Message {
  return httpListener('stats', address, STATS_PORT, {
    stat_prefix: 'stats',
    route_config: {
      name: 'stats',
      virtual_hosts: [
        {
          name: 'stats',
          domains: ['*'],
          routes: [
            {
              match: { path: '/stats/prometheus', headers: [{ name: ':method', string_match: { exact: 'GET' } }] },
              // No query is passed on. Also what was never counted is told: of a counter that appears with its first count, no rate shows that one.
              route: { cluster: ADMIN, regex_rewrite: { pattern: { regex: '^.*$' }, substitution: '/stats/prometheus' } },
            },
          ],
        },
      ],
    },
    http_filters: [ROUTER],
  });
}

/** The cluster behind it: the Envoy's own admin interface. @param address at which that listens */
export function adminCluster(address: Message): Message {
  const endpoint = { endpoint: { address } };
  return {
    name: ADMIN,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: ADMIN, endpoints: [{ lb_endpoints: [endpoint] }] },
  };
}

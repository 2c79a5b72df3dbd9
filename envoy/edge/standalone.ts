import type { Message } from '../json.ts';
import { socketAddress } from '../sidecar/files.ts';
import { httpFilter, httpListener, ROUTER } from '../sidecar/listeners.ts';
import { frontListener, meshCluster } from './front.ts';
import type { PublicImage } from './image.ts';
import { LIMITS, processLimits } from './limits.ts';
import { MESH_CLUSTER } from './routes.ts';
import type { EdgeSettings } from './settings.ts';

/** Ports of the edge's pod on a cluster, the same as in mesh/edge/workloads/edge.yaml. */
export const EDGE_PORTS = { front: 8088, ready: 8089, admin: 9901 } as const;

/** Memory near which the edge refuses, in bytes: below the limit of its container in the same file, which would end it. */
export const EDGE_HEAP = 384 * 1024 * 1024;

/**
 * Whom the front dials for every call. On a cluster the pod's sidecar takes each connection to this port and leads each call by its
 * `:authority`, so one name of the mesh stands for all.
 */
const ANY_MESH_NAME = { host: 'gateway.edge.svc.cluster.local', port: 50051 } as const;

/** What the edge's Envoy on a cluster is made from. */
export interface StandaloneOptions {
  readonly image: PublicImage;
  /** Path of the file that holds image.bytes, as Envoy will see it. */
  readonly imageFile: string;
  readonly settings: EdgeSettings;
}

/**
 * The whole configuration of an Envoy that has the front listener and nothing of the mesh: on a cluster Istio's sidecar stands beside it and
 * applies the policies.
 */
export function standaloneEdge(options: StandaloneOptions): Message {
  const front = frontListener({ host: '0.0.0.0', port: EDGE_PORTS.front, ...options, plainSidecars: true });
  const endpoint = { address: socketAddress(ANY_MESH_NAME.host, ANY_MESH_NAME.port) };
  const mesh = meshCluster(MESH_CLUSTER, { endpoints: [{ lb_endpoints: [{ endpoint }] }] });
  return {
    node: { id: 'edge', cluster: 'edge' },
    // It can end this process: only for who is in the pod.
    admin: { address: socketAddress('127.0.0.1', EDGE_PORTS.admin) },
    static_resources: {
      listeners: [front, readyListener()],
      clusters: [{ ...mesh, type: 'STRICT_DNS', dns_lookup_family: 'V4_PREFERRED' }],
    },
    ...processLimits({ ...LIMITS, heap: EDGE_HEAP }),
  };
}

/** Answers 200 to /ready as long as this Envoy takes requests: what probes ask. */
function readyListener(): Message {
  return httpListener('ready', '0.0.0.0', EDGE_PORTS.ready, {
    stat_prefix: 'ready',
    route_config: { name: 'ready', virtual_hosts: [{ name: 'ready', domains: ['*'], routes: [{ match: { prefix: '/' }, ...notFound }] }] },
    http_filters: [
      httpFilter('envoy.filters.http.health_check', 'envoy.extensions.filters.http.health_check.v3.HealthCheck', {
        pass_through_mode: false,
        headers: [{ name: ':path', string_match: { exact: '/ready' } }],
      }),
      ROUTER,
    ],
  });
}

const notFound: Message = { direct_response: { status: 404 } };

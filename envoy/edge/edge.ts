import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { any } from '../json.ts';
import { socketAddress, writeAtomically } from '../sidecar/files.ts';
import { PORTS } from '../sidecar/listeners.ts';
import { interfacesOf, type SidecarOptions, writeEnvoy } from '../sidecar/sidecar.ts';
import { frontListener, MESH_CLUSTER, meshCluster } from './front.ts';
import { publicImage } from './image.ts';

/** What the edge's configuration is made from. */
export interface EdgeOptions extends SidecarOptions {
  /** Where callers from outside connect. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Path of a FileDescriptorSet of all services, made by `buf build --as-file-descriptor-set`. */
  readonly image: string;
}

/** Connections that the edge holds at most; more are closed at once, so that a flood cannot take all file descriptors. */
const MAX_CONNECTIONS = 10_000;

/**
 * Writes the configuration of the edge's Envoy: the front listener, and the outbound side of a sidecar of the edge's workload.
 * As writeSidecar otherwise.
 * @returns the path of bootstrap.json
 */
export function writeEdge(options: EdgeOptions): string {
  const image = publicImage(readFileSync(options.image));
  const digest = createHash('sha256').update(image.bytes).digest('hex').slice(0, 12);
  // Envoy reads the image when the listener that names it is new: another image has another name.
  const imageFile = writeAtomically(options.directory, `image-${digest}.binpb`, image.bytes);
  const outbound = { endpoint: { address: socketAddress(interfacesOf(options).own, PORTS.outbound) } };
  return writeEnvoy(options, {
    listeners: [frontListener({ ...options.listen, image, imageFile })],
    clusters: [meshCluster(MESH_CLUSTER, { endpoints: [{ lb_endpoints: [outbound] }] })],
    bootstrap: {
      overload_manager: {
        resource_monitors: [
          {
            name: 'envoy.resource_monitors.global_downstream_max_connections',
            typed_config: any('envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig', {
              max_active_downstream_connections: MAX_CONNECTIONS,
            }),
          },
        ],
      },
    },
  });
}

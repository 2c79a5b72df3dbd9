import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromFile, socketAddress, writeAtomically } from '../sidecar/files.ts';
import { PORTS } from '../sidecar/listeners.ts';
import { interfacesOf, type SidecarOptions, writeEnvoy } from '../sidecar/sidecar.ts';
import { policyRoutes } from './direct.ts';
import { frontListener, meshCluster, withWindows } from './front.ts';
import { publicImage } from './image.ts';
import { LIMITS, type Limits, processLimits } from './limits.ts';
import { frontRoutes, MESH_CLUSTER } from './routes.ts';

/** What the edge's configuration is made from. */
export interface EdgeOptions extends SidecarOptions {
  /** Where callers from outside connect. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Path of a FileDescriptorSet of all services, made by `buf build --as-file-descriptor-set`. */
  readonly image: string;
  /** Sites whose scripts may call; those of the own machine if it is not said. See corsOrigins for the setting. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Other limits of the front than LIMITS. */
  readonly limits?: Partial<Limits>;
}

/** A file of its own: the front's routes follow the policy, and a listener that changes closes its connections. */
const ROUTES_FILE = 'front-rds.json';

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
  const limits = { ...LIMITS, ...options.limits };
  const outbound = { endpoint: { address: socketAddress(interfacesOf(options).own, PORTS.outbound) } };
  const routes = { rds: { route_config_name: 'front', config_source: fromFile(join(options.directory, ROUTES_FILE)) } };
  return writeEnvoy(options, {
    listeners: [frontListener({ ...options.listen, image, imageFile, limits, routes })],
    clusters: [meshCluster(MESH_CLUSTER, { endpoints: [{ lb_endpoints: [outbound] }] })],
    policyCluster: withWindows,
    routes: {
      file: ROUTES_FILE,
      from: (policy) => frontRoutes({ methods: image.methods, limits, corsOrigins: options.corsOrigins, policy: policyRoutes(policy) }),
    },
    bootstrap: processLimits(limits),
  });
}

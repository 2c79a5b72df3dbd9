import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { socketAddress, writeAtomically } from '../sidecar/files.ts';
import { PORTS } from '../sidecar/listeners.ts';
import { interfacesOf, routesFrom, type SidecarOptions, writeEnvoy } from '../sidecar/sidecar.ts';
import { frontListener, meshCluster } from './front.ts';
import { publicImage } from './image.ts';
import { LIMITS, type Limits, processLimits } from './limits.ts';
import { FRONT_ROUTES, frontRouteConfiguration, MESH_CLUSTER } from './routes.ts';
import { type EdgeSettings, edgeSettings } from './settings.ts';

/** What the edge's configuration is made from. */
export interface EdgeOptions extends SidecarOptions {
  /** Where callers from outside connect. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Path of a FileDescriptorSet of all services, made by `buf build --as-file-descriptor-set`. */
  readonly image: string;
  /** The settings; those of an empty environment if undefined. */
  readonly settings?: EdgeSettings | undefined;
  /** Whether the services of a proto package, such as `rentcar.car.v1`, are offered; all of them if it is not given. */
  readonly offers?: (protoPackage: string) => boolean;
  /** Other limits of the front than LIMITS. */
  readonly limits?: Partial<Limits>;
}

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
  const { offers = () => true } = options;
  const routes = frontRouteConfiguration({
    // Routes alone decide what is offered: connections that are open follow them when a system comes or goes.
    methods: image.methods.filter((method) => offers(method.package)),
    limits: { ...LIMITS, ...options.limits },
    settings: { ...edgeSettings({}), ...options.settings },
  });
  return writeEnvoy(options, {
    routes: [routes],
    listeners: [
      frontListener({
        ...options.listen,
        image,
        imageFile,
        routes: routesFrom(options.directory, FRONT_ROUTES),
        settings: options.settings,
        limits: options.limits ?? {},
      }),
    ],
    clusters: [meshCluster(MESH_CLUSTER, { endpoints: [{ lb_endpoints: [outbound] }] })],
    bootstrap: processLimits({ ...LIMITS, ...options.limits }),
  });
}

import { envoyVersion } from '../../paths.mjs';
import type { ImageDigests } from '../images.ts';
import type { DeployedService, DeployedSystem } from '../systems.ts';
import { jsonPatch, kustomization, type Manifest, yamlFile } from '../yaml.ts';

/** Name of the choice of all systems. */
const ALL = 'all';

/** The image that components/production names. */
const ENVOY = 'docker.io/envoyproxy/envoy';

/**
 * The overlays of each system and of all systems together, and as the overlay's own folder those that `npm start` starts by
 * default. Shared objects are equal in all of them, except the list of systems that the gateway serves.
 */
export function overlayFiles(systems: readonly DeployedSystem[], digests: ImageDigests): [path: string, text: string][] {
  const choices = new Map([
    ...systems.map((system): [string, DeployedSystem[]] => [`/${system.name}`, [system]]),
    [`/${ALL}`, [...systems]],
  ]);
  choices.set(
    '',
    systems.filter(({ startsByDefault }) => startsByDefault),
  );
  return Object.entries({ laptop, production }).flatMap(([overlay, build]) =>
    [...choices].map(([folder, chosen]): [string, string] => {
      const path = `mesh/overlays/${overlay}${folder}`;
      const mesh = folder === '' ? '../..' : '../../..';
      return [`${path}/kustomization.yaml`, yamlFile(`kubectl apply -k ${path}`, build(chosen, mesh, digests))];
    }),
  );
}

/** In one small cluster that runs databases and broker itself. PostgreSQL and MongoDB come with the systems that use them. */
function laptop(systems: readonly DeployedSystem[], mesh: string): Manifest {
  const uses = (store: DeployedService['store']) => systems.some(({ services }) => services.some((service) => service.store === store));
  return kustomization({
    resources: [`${mesh}/edge`, ...systems.map(({ name }) => `${mesh}/${name}`)],
    components: [
      ...(uses('postgres') ? [`${mesh}/components/postgres`] : []),
      `${mesh}/components/kafka`,
      ...(uses('mongo') ? [`${mesh}/components/mongo`] : []),
      `${mesh}/components/ingress`,
      ...systems.map(({ name }) => `${mesh}/${name}/components/laptop`),
      `${mesh}/components/demo-faults`,
      // Last: its patches change everything before it.
      `${mesh}/components/laptop`,
    ],
    patches: [servedSystems(systems)],
  });
}

/** With databases and broker outside, two pods of everything, TLS at the ingress. */
function production(systems: readonly DeployedSystem[], mesh: string, digests: ImageDigests): Manifest {
  const isScaled = ({ services }: DeployedSystem) => services.some(({ autoscaling }) => autoscaling !== undefined);
  return kustomization({
    resources: [`${mesh}/edge`, ...systems.map(({ name }) => `${mesh}/${name}`)],
    components: [
      `${mesh}/components/ingress`,
      ...systems.filter(isScaled).map(({ name }) => `${mesh}/${name}/components/autoscaling`),
      // Last: its patches change everything before it.
      `${mesh}/components/production`,
    ],
    ...pinnedImages(digests),
    patches: [servedSystems(systems)],
  });
}

/**
 * The digest of Envoy, the only image of others in production. The laptop's overlay has tags alone: its images are loaded into
 * the nodes by hand, where no digest is known.
 */
function pinnedImages(digests: ImageDigests): Manifest {
  const digest = digests[`${ENVOY}:v${envoyVersion}`];
  return digest === undefined || digest === null ? {} : { images: [{ name: ENVOY, digest }] };
}

/** Tells the gateway which systems there are: it answers UNIMPLEMENTED for others, and the web app does not show them. */
function servedSystems(systems: readonly DeployedSystem[]): Manifest {
  const value = systems.map(({ name }) => name).join(',');
  return {
    target: { kind: 'ConfigMap', namespace: 'edge', name: 'edge-cm' },
    patch: jsonPatch({ op: 'add', path: '/data/SYSTEMS', value }),
  };
}

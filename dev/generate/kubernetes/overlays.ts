import type { ImageDigests } from '../images.ts';
import type { DeployedService, DeployedSystem } from '../systems.ts';
import { jsonPatch, kustomization, type Manifest, yamlFile } from '../yaml.ts';

/** Name of the choice of all systems. */
const ALL = 'all';

/** Images of others, as components/production and components/laptop name them. */
const PRODUCTION_IMAGES = ['docker.io/envoyproxy/envoy'];
const LAPTOP_IMAGES = [...PRODUCTION_IMAGES, 'docker.io/apache/kafka', 'docker.io/library/mongo', 'docker.io/library/postgres'];

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
function laptop(systems: readonly DeployedSystem[], mesh: string, digests: ImageDigests): Manifest {
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
    ...pinnedImages(LAPTOP_IMAGES, digests),
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
    ...pinnedImages(PRODUCTION_IMAGES, digests),
    patches: [servedSystems(systems)],
  });
}

/** The digests that are known, of images of others that an overlay uses. Its component has the tags. */
function pinnedImages(names: readonly string[], digests: ImageDigests): Manifest {
  const images = Object.entries(digests).flatMap(([image, digest]) => {
    const name = image.slice(0, image.lastIndexOf(':'));
    return digest !== null && names.includes(name) ? [{ name, digest }] : [];
  });
  return images.length === 0 ? {} : { images };
}

/** Tells the gateway which systems there are: it answers UNIMPLEMENTED for others, and the web app does not show them. */
function servedSystems(systems: readonly DeployedSystem[]): Manifest {
  const value = systems.map(({ name }) => name).join(',');
  return {
    target: { kind: 'ConfigMap', namespace: 'edge', name: 'edge-cm' },
    patch: jsonPatch({ op: 'add', path: '/data/SYSTEMS', value }),
  };
}

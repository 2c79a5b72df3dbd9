import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenSystem } from './choice.ts';
import { kubectl, kubectlJson } from './command.ts';
import { applyOverlay, overlayReady } from './overlay.ts';

/** The claims of the overlay's StatefulSets. */
const CLAIMS = ['postgres', 'kafka', 'mongo'] as const;

/** Applies the laptop overlay, waits until all of it is ready, and tells the tests where its door is. */
export default async function setup(): Promise<void> {
  await makeVolumes();
  const begin = performance.now();
  await applyOverlay();
  // Images are loaded under the same tag again and again.
  if (process.env.RENTMESH_NODE_IS_HERE === '1')
    for (const namespace of ['edge', chosenSystem]) await kubectl(['rollout', 'restart', '-n', namespace, 'deployment']);
  await overlayReady();
  console.log(
    `  the laptop overlay of ${chosenSystem} is applied, and all of it ready, after ${((performance.now() - begin) / 1000).toFixed(0)} s`,
  );
  process.env.RENTMESH_TESTED_EDGE = process.env.RENTMESH_TESTED_EDGE ?? (await ingressAddress());
}

/** Volumes for the claims, by hand, where nothing provides them. Those of an earlier run are kept; their folders may be gone. */
async function makeVolumes(): Promise<void> {
  const { items: classes } = await kubectlJson<{ items: unknown[] }>(['get', 'storageclass']);
  if (classes.length > 0) return;
  const { items: existing } = await kubectlJson<{ items: Volume[] }>(['get', 'persistentvolumes']);
  const volumes = CLAIMS.map((name) => existing.find(({ metadata }) => metadata.name === `${name}-data`) ?? volumeFor(name));
  for (const { spec } of volumes) {
    mkdirSync(spec.hostPath.path, { recursive: true });
    // The containers' users are not this machine's.
    chmodSync(spec.hostPath.path, 0o777);
  }
  const missing = volumes.filter((volume) => !existing.includes(volume));
  if (missing.length === 0) return;
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: missing }) });
}

interface Volume {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly hostPath: { readonly path: string } };
}

/** A folder of this machine as the volume of a claim. */
function volumeFor(name: string): Volume {
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `${name}-data` },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace: name, name: `data-${name}-0` },
      hostPath: { path: join(tmpdir(), 'rentmesh-volumes', name) },
    },
  };
  return volume;
}

/** Where the ingress gateway is reached from here: at its address outside if it has one, else inside the cluster's network. */
async function ingressAddress(): Promise<string> {
  const service = await kubectlJson<{
    spec: { clusterIP: string };
    status: { loadBalancer: { ingress?: { ip?: string; hostname?: string }[] } };
  }>(['get', 'service', '-n', 'edge', 'ingress']);
  const [outside] = service.status.loadBalancer.ingress ?? [];
  return `${outside?.ip ?? outside?.hostname ?? service.spec.clusterIP}:8088`;
}

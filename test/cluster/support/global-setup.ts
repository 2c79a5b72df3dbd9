import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl, kubectlJson } from './command.ts';
import { OVERLAY } from './overlay.ts';

const APPLY_MS = 120_000;
const READY_MS = 300_000;
/** The claims of the overlay's StatefulSets. */
const CLAIMS = ['postgres', 'kafka', 'mongo'] as const;

/** Applies the laptop overlay, waits until all of it is ready, and tells the tests where its door is. */
export default async function setup(): Promise<void> {
  await makeVolumes();
  const begin = performance.now();
  await kubectl(['apply', '-k', OVERLAY], { limitMs: APPLY_MS });
  // Autoscaling is tried by its own test; the others count replicas.
  await kubectl(['delete', 'hpa', '-n', 'rentcar', '--all']);
  for (const namespace of ['edge', 'rentcar']) await kubectl(['scale', '-n', namespace, 'deployment', '--all', '--replicas=1']);
  // Images are loaded under the same tag again and again.
  if (process.env.RENTMESH_NODE_IS_HERE === '1')
    for (const namespace of ['edge', 'rentcar']) await kubectl(['rollout', 'restart', '-n', namespace, 'deployment']);
  await allReady();
  console.log(`  the laptop overlay is applied, and all of it ready, after ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  process.env.RENTMESH_TESTED_EDGE = process.env.RENTMESH_TESTED_EDGE ?? (await ingressAddress());
}

/** Waits until every Deployment and StatefulSet of the overlay has its pods, ready. */
async function allReady(): Promise<void> {
  for (const namespace of [...CLAIMS, 'rentcar', 'edge']) {
    const names = (await kubectl(['get', 'deployments,statefulsets', '-n', namespace, '-o', 'name'])).trim().split('\n');
    for (const name of names)
      await kubectl(['rollout', 'status', '-n', namespace, name, `--timeout=${READY_MS / 1000}s`], { limitMs: READY_MS + 5000 });
  }
}

/** Volumes for the claims, by hand, where nothing provides them. */
async function makeVolumes(): Promise<void> {
  const { items } = await kubectlJson<{ items: unknown[] }>(['get', 'storageclass']);
  if (items.length > 0) return;
  const volumes = CLAIMS.map((name) => {
    const path = join(tmpdir(), 'rentmesh-volumes', name);
    // The containers' users are not this machine's.
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${name}-data` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace: name, name: `data-${name}-0` },
        hostPath: { path },
      },
    };
  });
  const existing = await kubectlJson<{ items: { metadata: { name: string } }[] }>(['get', 'persistentvolumes']);
  const missing = volumes.filter(({ metadata }) => !existing.items.some((each) => each.metadata.name === metadata.name));
  if (missing.length === 0) return;
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: missing }) });
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

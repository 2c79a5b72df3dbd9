import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { imageDigests, withoutDigests } from '../../../dev/generate/images.ts';
import { root } from '../../../dev/paths.mjs';
import { systems } from '../../../dev/systems/systems.ts';
import { chosenSystem } from './choice.ts';
import { kubectl } from './command.ts';

/** The folder of the overlay that the tests apply. */
const OVERLAY = join(root, 'mesh', 'overlays', 'laptop', chosenSystem);

/** The namespaces of the overlay's workloads; those of the stores first. */
export const NAMESPACES = ['postgres', 'kafka', 'mongo', chosenSystem, 'edge'];

const APPLY_MS = 120_000;
const READY_MS = 300_000;

/** An object of a manifest, as far as it is told by. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The manifests of the overlay. Its images are loaded into the nodes, where they have no digests. */
async function overlay(): Promise<string> {
  return withoutDigests(await kubectl(['kustomize', OVERLAY]), imageDigests());
}

/**
 * Applies the laptop overlay of the chosen system as the tests want it: one replica of everything, since autoscaling is tried by its own test
 * and the others count replicas. Workloads of other systems, from an earlier run, are removed: one node has no room for all.
 */
export async function applyOverlay(): Promise<void> {
  for (const { name } of systems)
    if (name !== chosenSystem) await kubectl(['delete', 'hpa,deployment', '-n', name, '--all'], { limitMs: APPLY_MS });
  await kubectl(['apply', '-f', '-'], { input: await overlay(), limitMs: APPLY_MS });
  await kubectl(['delete', 'hpa', '-n', chosenSystem, '--all']);
  for (const namespace of ['edge', chosenSystem]) await kubectl(['scale', '-n', namespace, 'deployment', '--all', '--replicas=1']);
}

/** Waits until every Deployment and StatefulSet of the overlay has its pods, ready. */
export async function overlayReady(): Promise<void> {
  for (const namespace of NAMESPACES) {
    const names = (await kubectl(['get', 'deployments,statefulsets', '-n', namespace, '-o', 'name'])).trim().split('\n');
    for (const name of names)
      await kubectl(['rollout', 'status', '-n', namespace, name, `--timeout=${READY_MS / 1000}s`], { limitMs: READY_MS + 5000 });
  }
}

/** Applies those objects of the overlay that fit. */
export async function applyFromOverlay(fits: (object: Manifest) => boolean): Promise<void> {
  // What Kustomize prints.
  const objects = parseAllDocuments(await overlay()).map((document) => document.toJS() as Manifest);
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.filter(fits) }) });
}

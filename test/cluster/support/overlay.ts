import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from '../../../dev/paths.mjs';
import { kubectl } from './command.ts';

/** The folder of the overlay that the tests apply. */
export const OVERLAY = join(root, 'mesh', 'overlays', 'laptop');

/** An object of a manifest, as far as it is told by. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The objects of the overlay, as Kustomize makes them. */
export async function overlayObjects(): Promise<Manifest[]> {
  const text = await kubectl(['kustomize', OVERLAY]);
  // What Kustomize prints.
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/** Applies those objects of the overlay that fit. */
export async function applyFromOverlay(fits: (object: Manifest) => boolean): Promise<void> {
  const items = (await overlayObjects()).filter(fits);
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
}

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildGoProgram, goModule } from '../../dev/bootstrap/go.mjs';
import { goPins } from '../../dev/bootstrap/pins.mjs';
import { engineFolders, root } from '../../dev/paths.mjs';
import { imageFile } from './contracts.ts';

/** The runner of the suite. */
export const runner = join(engineFolders.conformance, 'connectconformance');

/** Builds the runner, and the descriptors of the suite from the protos in its module. */
export async function prepare(): Promise<void> {
  await buildGoProgram('conformance');
  const folder = await goModule(goPins.conformance);
  mkdirSync(dirname(imageFile), { recursive: true });
  const buf = join(root, 'node_modules', '.bin', 'buf');
  const { status } = spawnSync(buf, ['build', join(folder, 'proto'), '--as-file-descriptor-set', '-o', imageFile], { stdio: 'inherit' });
  if (status !== 0) throw new Error("the descriptors of the suite's protos cannot be built");
}

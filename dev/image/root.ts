import { chmodSync, copyFileSync, lstatSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { services } from '../systems/services.ts';
import { systems } from '../systems/systems.ts';
import { machineFiles } from './machine.ts';
import { packageFiles } from './packages.ts';
import { closureOf, filesBelow } from './sources.ts';

/** Folder of the repository's files in the image, under the same paths. */
export const APP = '/app';

/** Programs of the other containers of docker-compose.yml and of mesh/. */
const PROGRAMS: readonly string[] = [
  'services/kit/postgres/migrate.ts',
  'services/kit/rpc/probe.ts',
  'envoy/edge/main.ts',
  'dev/compose/mesh.ts',
  'dev/compose/databases.ts',
  'dev/compose/check.ts',
  'dev/compose/dlq.ts',
];

/** Files that programs read and do not import: contracts, scripts of the edge, schemas of Istio, the web app, the API page. */
const DATA = ['gen/image.binpb', 'gen/image-with-comments.binpb', 'envoy/edge/lua', 'envoy/policy/schema/crds.json', 'gen/web', 'gen/docs'];

/** Hash of the sources of a generated folder; only the bootstrap reads it. */
const STAMP = '.stamp';

/** Layers of the image: the first changes with Node or the operating system, the second with every commit. */
export const PARTS = ['machine', 'app'] as const;

/** Returns the files of the repository in the image, relative to it: the services and everything that they import or read. */
export async function appFiles(repository: string): Promise<string[]> {
  const mains = services.filter(({ isLocal }) => !isLocal).map(({ main }) => main);
  const invariants = systems.map(({ name }) => `services/${name}/dev/invariant.ts`);
  const { modules } = await closureOf(repository, [...mains, ...invariants, ...PROGRAMS]);
  // Without the modules that descriptors import on demand: proofs and demonstrations belong to a laptop.
  const descriptors = systems.map(({ name }) => `services/${name}/system.ts`);
  const migrations = [...new Set(modules.map((module) => join(dirname(module), 'migrations')))].flatMap((folder) =>
    filesBelow(repository, folder),
  );
  const data = DATA.flatMap((path) => (path.includes('.') ? [path] : filesBelow(repository, path))).filter(
    (path) => basename(path) !== STAMP,
  );
  return ['package.json', ...descriptors, ...modules, ...migrations, ...data, ...packageFiles(repository)];
}

/**
 * Writes the root filesystem of the image into `machine` and `app`, its layers, below a new folder. The same inputs make the same files with
 * the same times and modes, byte by byte. The archive sets the owner.
 *
 * @param epoch modification time of every file, in seconds since 1970 (SOURCE_DATE_EPOCH)
 */
export async function buildRoot(repository: string, folder: string, epoch: number): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const machine = join(folder, 'machine');
  const app = join(folder, 'app');
  for (const path of await appFiles(repository)) {
    const to = join(app, APP, path);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(repository, path), to);
    chmodSync(to, 0o644);
  }
  for (const { path, content, executable } of machineFiles()) {
    const to = join(machine, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, content);
    chmodSync(to, executable ? 0o755 : 0o644);
  }
  mkdirSync(join(machine, 'tmp'));
  for (const part of PARTS) settle(join(folder, part), epoch);
  chmodSync(join(machine, 'tmp'), 0o1777);
}

/** Sets the mode of folders and the time of everything. */
function settle(path: string, epoch: number): void {
  if (lstatSync(path).isDirectory()) {
    for (const each of readdirSync(path)) settle(join(path, each), epoch);
    chmodSync(path, 0o755);
  }
  utimesSync(path, epoch, epoch);
}

// Images that stand in for the official ones where there is no registry: `node test/stand-ins/main.ts [engines | dashboards | bases]`. Those of
// the engines that the system runs on, of the dashboards of docker-compose.yml, or of what the Dockerfile builds on. Prints each archive's path.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeArchive } from '../../dev/image/archive.ts';
import { home } from '../../dev/paths.mjs';
import { layOutBases } from './bases.ts';
import { layOutDashboards } from './dashboards.ts';
import type { StandIn } from './stand-in.ts';
import { layOutStandIns } from './stand-ins.ts';

/** The same engines make the same archives: they belong to no commit. */
const EPOCH = 0;

const sets: Record<string, { folder: string; layOut: (folder: string) => StandIn[] | Promise<StandIn[]> }> = {
  engines: { folder: 'stand-ins', layOut: layOutStandIns },
  dashboards: { folder: 'dashboards', layOut: layOutDashboards },
  bases: { folder: 'bases', layOut: layOutBases },
};

const [name = 'engines'] = process.argv.slice(2);
const set = sets[name];
if (set === undefined) {
  process.stderr.write(`usage: node test/stand-ins/main.ts [${Object.keys(sets).join(' | ')}]\n`);
  process.exit(2);
}
const folder = join(home, 'image', set.folder);
mkdirSync(folder, { recursive: true });
for (const { image, layers, entrypoint, command, user, env, stopSignal } of await set.layOut(join(folder, 'root'))) {
  const archive = join(folder, `${image.replaceAll(/[/:]/g, '_')}.tar`);
  const config = {
    User: user,
    WorkingDir: '/',
    Entrypoint: entrypoint,
    Cmd: command,
    Env: env,
    ExposedPorts: {},
    StopSignal: stopSignal,
    Labels: { 'org.opencontainers.image.description': 'A stand-in, made of the engines of the machine that built it' },
  };
  await writeArchive(archive, { name: image, layers, config, epoch: EPOCH });
  console.log(archive);
}

// Images that stand in for the official ones where there is no registry: `node dev/bootstrap.mjs stand-ins`. Prints the path of each archive.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeArchive } from '../image/archive.ts';
import { layOutStandIns } from '../image/stand-ins/stand-ins.ts';
import { home } from '../paths.mjs';

/** The same engines make the same archives: they belong to no commit. */
const EPOCH = 0;

const folder = join(home, 'image', 'stand-ins');
mkdirSync(folder, { recursive: true });
for (const { image, layers, entrypoint, command, user, env, stopSignal } of layOutStandIns(join(folder, 'root'))) {
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

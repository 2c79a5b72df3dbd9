import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npmCli } from '../../dev/bootstrap/install.mjs';
import { java, nodeVersion } from '../../dev/paths.mjs';
import { place } from './files.ts';
import type { StandIn } from './stand-in.ts';

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where Debian has what servers' certificates are checked by; the machine's own may be needed to reach its registries. */
const CERTIFICATES = 'etc/ssl/certs';

/**
 * Lays out stand-ins of the Dockerfile's base images below a folder, which is made anew: this machine's release of Debian at its smallest, with
 * this machine's Node and npm, or JDK and Maven. They trust whom this machine trusts, so they are for this machine alone. Needs root and
 * debootstrap, and Debian's own Maven.
 */
export function layOutBases(folder: string): StandIn[] {
  rmSync(folder, { recursive: true, force: true });
  const [debian, node, maven] = [join(folder, 'debian'), join(folder, 'node'), join(folder, 'maven')];
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (release === undefined) throw new Error('Stand-ins of the base images are made on a released Debian or Ubuntu only.');
  mkdirSync(folder, { recursive: true });
  // Node's own binaries are linked with libatomic, and the official image has it.
  execFileSync('debootstrap', ['--variant=minbase', '--include=libatomic1', release, debian], { stdio: ['ignore', 'ignore', 'inherit'] });
  // Device nodes are the engine's business, and lists of packages nobody's.
  for (const each of ['dev', 'var/cache/apt', 'var/lib/apt/lists', CERTIFICATES])
    rmSync(join(debian, each), { recursive: true, force: true });
  mkdirSync(join(debian, 'dev'));
  copy(join('/', CERTIFICATES), join(debian, CERTIFICATES));

  place(node, process.execPath, '/usr/local/bin/node', 0o755);
  copy(join(dirname(npmCli()), '..'), join(node, 'usr/local/lib/node_modules/npm'));
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(node, 'usr/local/bin/npm'));

  copy(join(dirname(which(java)), '..'), join(maven, 'opt/java/openjdk'));
  copy(join(dirname(which('mvn')), '..'), join(maven, 'usr/share/maven'));

  const trusted = process.env.NODE_EXTRA_CA_CERTS;
  const common = { entrypoint: [], user: '0:0', stopSignal: 'SIGTERM' };
  return [
    {
      ...common,
      image: `docker.io/library/node:${nodeVersion}-slim`,
      layers: [debian, node],
      command: ['node'],
      env: [`PATH=${SYSTEM_PATH}`, ...(trusted?.startsWith(`/${CERTIFICATES}/`) ? [`NODE_EXTRA_CA_CERTS=${trusted}`] : [])],
    },
    {
      ...common,
      image: 'docker.io/library/maven:3.9-eclipse-temurin-21',
      layers: [debian, maven],
      command: ['mvn'],
      env: [`PATH=/opt/java/openjdk/bin:/usr/share/maven/bin:${SYSTEM_PATH}`, 'JAVA_HOME=/opt/java/openjdk'],
    },
  ];
}

/** Where a program really is. */
function which(program: string): string {
  return realpathSync(execFileSync('sh', ['-c', 'command -v "$0"', program], { encoding: 'utf8' }).trim());
}

/** Copies a folder with what its links lead to, wherever that is; links that lead nowhere are left out. */
function copy(source: string, target: string): void {
  cpSync(source, target, { recursive: true, dereference: true, filter: existsSync });
}

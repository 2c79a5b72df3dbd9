// Starts Kafka once on a spare address and keeps the classes that it loaded as a class-data-sharing archive. Run by the bootstrap.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '../laptop/topology.ts';
import { java, kafkaArchive } from '../paths.mjs';
import { javaArguments, prepareKafka } from './kafka.ts';

async function freeAddress(): Promise<Address> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address');
  return { host: '127.0.0.1', port: address.port };
}

/** Waits until the broker says that it has started. Its output is read to the end: a closed pipe would disturb its stop. */
function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      if (output.includes('Kafka Server started')) resolve();
    });
    child.once('exit', () => reject(new Error(`Kafka ended before it had started:\n${output}`)));
  });
}

const folder = mkdtempSync(join(tmpdir(), 'rentmesh-kafka-'));
try {
  const properties = await prepareKafka(await freeAddress(), await freeAddress(), folder);
  const draft = join(folder, 'kafka.jsa');
  const child = spawn(java, javaArguments('kafka.Kafka', [properties], [`-XX:ArchiveClassesAtExit=${draft}`]), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await started(child);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  if (!existsSync(draft)) throw new Error('the Java runtime wrote no archive');
  // Across file systems a rename is not possible; the archive's own folder is on the right one.
  copyFileSync(draft, `${kafkaArchive}.draft`);
  renameSync(`${kafkaArchive}.draft`, kafkaArchive);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

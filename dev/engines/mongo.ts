import { accessSync, constants, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import type { ProcessSpec } from '../laptop/process-spec.ts';
import { type Address, text } from '../laptop/topology.ts';
import { engineFolders, java } from '../paths.mjs';

/** Which MongoDB is used: one that is already running, a real server on this machine, or the emulator. */
export type MongoChoice =
  | { readonly kind: 'given'; readonly uri: string }
  | { readonly kind: 'mongod'; readonly command: string }
  | { readonly kind: 'emulator' };

/** Chooses: MONGODB_URI if it is set, else `mongod` on the PATH, else the emulator. */
export function chooseMongo(environment: NodeJS.ProcessEnv = process.env): MongoChoice {
  if (environment.MONGODB_URI) return { kind: 'given', uri: environment.MONGODB_URI };
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    const command = join(folder, 'mongod');
    try {
      accessSync(command, constants.X_OK);
      return { kind: 'mongod', command };
    } catch {
      // Not in this folder.
    }
  }
  return { kind: 'emulator' };
}

/**
 * The URI of a database. A given URI keeps its host, credentials and options; a database that it names is the prefix of the name, so that
 * two systems can share a server.
 */
export function mongoUri(choice: MongoChoice, address: Address, database: string): string {
  if (choice.kind !== 'given') return `mongodb://${text(address)}/${database}`;
  const uri = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)(\?.*)?$/.exec(choice.uri);
  if (uri === null) return choice.uri;
  const [, server, prefix, options] = uri;
  return `${server}/${prefix ? `${prefix}_` : ''}${database}${options ?? ''}`;
}

/** What it is called wherever a person reads it. */
export function mongoTitle(choice: MongoChoice): string {
  return choice.kind === 'emulator' ? 'MongoDB emulator' : 'MongoDB';
}

/** The longest wait for the answer to a ping, in milliseconds. */
const PING_TIMEOUT_MS = 500;

/** The command `{ ping: 1, $db: 'admin' }` as an OP_MSG. The driver would take 15 MiB of the supervisor for it. */
const PING = opMsg(
  Buffer.from([...int32(30), 0x10, ...text0('ping'), ...int32(1), 0x02, ...text0('$db'), ...int32(6), ...text0('admin'), 0]),
);

/** The field `ok: 1.0` of an answer in BSON. */
const OK = Buffer.from([0x01, ...text0('ok'), 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);

/** Returns a message of MongoDB's wire protocol: header (length, request id, response to, opcode 2013), flags, one section of kind 0. */
function opMsg(document: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...int32(21 + document.length), ...int32(1), ...int32(0), ...int32(2013), ...int32(0), 0]), document]);
}

function int32(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >> 24];
}

function text0(value: string): number[] {
  return [...Buffer.from(value), 0];
}

/** Returns whether a server answers a ping. */
function isReady({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PING_TIMEOUT_MS }, () => socket.write(PING));
    const end = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    // The answer comes in one packet: it has some 60 bytes.
    socket.once('data', (answer) => end(Buffer.isBuffer(answer) && answer.includes(OK)));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** The store of mypage as a process; undefined if one was given. @param data its folder */
export function mongo(choice: MongoChoice, address: Address, data: string): ProcessSpec | undefined {
  if (choice.kind === 'given') return undefined;
  // With both compilers of the JVM: the second takes 40 MiB, and makes writes a third cheaper.
  const emulator = ['-Xms32m', '-Xmx128m', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-XX:+ExitOnOutOfMemoryError'];
  const classPath = `${join(engineFolders.mongo, 'classes')}${delimiter}${join(engineFolders.mongo, '*')}`;
  const server = ['--dbpath', data, '--bind_ip', address.host, '--port', String(address.port), '--wiredTigerCacheSizeGB', '0.25'];
  return {
    name: 'mongo',
    title: mongoTitle(choice),
    address: text(address),
    ...(choice.kind === 'mongod'
      ? { command: choice.command, args: server }
      : {
          command: java,
          args: [...emulator, '-cp', classPath, 'MongoEmulator', data, address.host, String(address.port)],
        }),
    stopSignal: 'SIGTERM',
    stopSeconds: 10,
    readySeconds: 30,
    prepare: async () => {
      mkdirSync(data, { recursive: true });
    },
    ready: () => isReady(address),
  };
}

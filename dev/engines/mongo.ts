import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { ProcessSpec } from '../laptop/supervised.ts';
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

async function isReady(address: Address): Promise<boolean> {
  const client = new MongoClient(`mongodb://${text(address)}`, {
    serverSelectionTimeoutMS: 500,
    connectTimeoutMS: 500,
    monitorCommands: false,
  });
  try {
    await client.db('admin').command({ ping: 1 });
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

/** The store of mypage as a process; undefined if one was given. @param data its folder */
export function mongo(choice: MongoChoice, address: Address, data: string): ProcessSpec | undefined {
  if (choice.kind === 'given') return undefined;
  const emulator = [
    '-Xms32m',
    '-Xmx128m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    '-XX:+ExitOnOutOfMemoryError',
  ];
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

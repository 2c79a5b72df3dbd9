// Makes the databases that the services of docker-compose.yml need: in PostgreSQL a database and its owner for each service of all systems, in
// MongoDB a replica set of one, which change streams require. MongoDB runs only beside a system that uses it.
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, MongoServerError } from 'mongodb';
import { databaseSettings, mongoSettings, readSettings, text } from '#kit/runtime/settings.ts';
import { createDatabase } from '../engines/databases.ts';
import { passwordVariable, postgresDatabases } from './layout.ts';

/** MongoDB's error codes for a server without a replica set: not initiated yet; started without one; an emulator that has none. */
const NOT_YET_INITIALIZED = 94;
const NO_REPLICATION = [76, 59];
const ELECTION_LIMIT_MS = 30_000;

const settings = readSettings({
  /** Of a superuser. */
  DATABASE_URL: databaseSettings.DATABASE_URL,
  MONGODB_URI: mongoSettings.MONGODB_URI,
  /** Address of the server for the members of its replica set, host:port. */
  MONGODB_MEMBER: text('must be the address of the MongoDB server, host:port', /./),
});
const passwords = readSettings(
  Object.fromEntries(postgresDatabases.map((role) => [passwordVariable(role), text(`must be the password of the role ${role}`, /./)])),
);

async function initiateReplicaSet(uri: string, member: string): Promise<string> {
  const client = new MongoClient(uri);
  try {
    const admin = client.db('admin');
    try {
      await admin.command({ replSetGetStatus: 1 });
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      if (NO_REPLICATION.includes(Number(error.code))) return 'MongoDB has no replica set';
      if (error.code !== NOT_YET_INITIALIZED) throw error;
      await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: member }] } });
    }
    for (const deadline = Date.now() + ELECTION_LIMIT_MS; Date.now() < deadline; await sleep(100))
      if ((await admin.command({ hello: 1 })).isWritablePrimary) return 'MongoDB is a replica set of one';
    throw new Error(`the MongoDB server did not become the primary of its replica set within ${ELECTION_LIMIT_MS / 1000} s`);
  } finally {
    await client.close();
  }
}

/** Whether the network knows a host. Docker resolves only names of containers that run. */
async function isResolvable(address: string): Promise<boolean> {
  const [host = ''] = address.split(':');
  try {
    await lookup(host);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTFOUND') return false;
    throw error;
  }
}

for (const name of postgresDatabases) await createDatabase(settings.DATABASE_URL, name, passwords[passwordVariable(name)] ?? '');
const mongo = (await isResolvable(settings.MONGODB_MEMBER))
  ? await initiateReplicaSet(settings.MONGODB_URI, settings.MONGODB_MEMBER)
  : 'MongoDB does not run';
process.stdout.write(`PostgreSQL has ${postgresDatabases.join(', ')}; ${mongo}\n`);

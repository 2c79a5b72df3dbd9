// Makes what the services of docker-compose.yml need and is not there yet: for each database of PostgreSQL a role that owns it, and the replica
// set of the one MongoDB server, without which that has no change streams.
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, MongoServerError } from 'mongodb';
import { z } from 'zod';
import { databaseSettings, mongoSettings, readSettings } from '#kit/runtime/settings.ts';
import { createDatabase } from '../engines/databases.ts';
import { postgresDatabases } from './layout.ts';

/** Codes of MongoDB for a server that is no member of a replica set: it is to become one, it is not meant to, it does not know of such. */
const NOT_YET_INITIALIZED = 94;
const NO_REPLICATION = [76, 59];
const ELECTION_PATIENCE_MS = 30_000;

const settings = readSettings({
  /** A superuser's. */
  DATABASE_URL: databaseSettings.DATABASE_URL,
  /** The password of every role. */
  DATABASE_PASSWORD: z.string({ error: 'must be the password of the roles' }),
  MONGODB_URI: mongoSettings.MONGODB_URI,
  /** How the members of the replica set reach the server, host:port. */
  MONGODB_MEMBER: z.string({ error: 'must be the address of the MongoDB server, host:port' }),
});

async function initiateReplicaSet(uri: string, member: string): Promise<string> {
  const client = new MongoClient(uri);
  try {
    const admin = client.db('admin');
    try {
      await admin.command({ replSetGetStatus: 1 });
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      if (NO_REPLICATION.includes(Number(error.code))) return 'MongoDB is a server of its own';
      if (error.code !== NOT_YET_INITIALIZED) throw error;
      await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: member }] } });
    }
    for (const deadline = Date.now() + ELECTION_PATIENCE_MS; Date.now() < deadline; await sleep(100))
      if ((await admin.command({ hello: 1 })).isWritablePrimary) return 'MongoDB is a replica set of one';
    throw new Error(`the MongoDB server did not become the primary of its replica set within ${ELECTION_PATIENCE_MS / 1000} s`);
  } finally {
    await client.close();
  }
}

for (const name of postgresDatabases) await createDatabase(settings.DATABASE_URL, name, settings.DATABASE_PASSWORD);
const mongo = await initiateReplicaSet(settings.MONGODB_URI, settings.MONGODB_MEMBER);
process.stdout.write(`${postgresDatabases.join(', ')} are there; ${mongo}\n`);

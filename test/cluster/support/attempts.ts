import { kubectl } from './command.ts';

/** A container to try something from: its identity is that of its pod's sidecar. */
export interface From {
  readonly namespace: string;
  readonly target: string;
  readonly container: string;
}

/** A program for Node that prints one word of how it went. */
export type Attempt = string;

/** Runs an attempt inside a container, with the packages of our image, and returns what it printed. */
export async function attempt({ namespace, target, container }: From, program: Attempt): Promise<string> {
  const command = ['exec', '-i', '-n', namespace, target, '-c', container, '--', 'node', '--input-type=module', '-'];
  return (await kubectl(command, { input: program, limitMs: 60_000 })).trim();
}

/** Calls a method of car with an empty request; prints the name of the status. */
export function callCar(method: string): Attempt {
  return `
import { Client, credentials, status } from '@grpc/grpc-js';
const client = new Client('car.rentcar.svc.cluster.local:50051', credentials.createInsecure());
const same = (bytes) => bytes;
client.makeUnaryRequest('/${method}', same, same, Buffer.alloc(0), { deadline: Date.now() + 10000 }, (error) => {
  console.log(error ? status[error.code] : 'OK');
  client.close();
});
`;
}

/** Asks PostgreSQL something, as the owner of a database. */
export function openPostgres(database: string): Attempt {
  return outcome(
    `
import pg from 'pg';
const client = new pg.Client({ connectionString: 'postgres://${database}:${database}@postgres.postgres.svc.cluster.local:5432/${database}', connectionTimeoutMillis: 8000 });
client.on('error', () => undefined);`,
    `
  await client.connect();
  await client.query('select 1');
  await client.end();`,
  );
}

/** Asks the MongoDB store something. */
export const openMongo: Attempt = outcome(
  `
import { MongoClient } from 'mongodb';
const client = new MongoClient('mongodb://mongo.mongo.svc.cluster.local:27017/', { serverSelectionTimeoutMS: 8000 });`,
  `
  await client.db('admin').command({ ping: 1 });
  await client.close();`,
);

/** Asks Kafka something. */
export const openKafka: Attempt = outcome(
  `
import { Kafka, logLevel } from 'kafkajs';
const admin = new Kafka({ brokers: ['kafka.kafka.svc.cluster.local:9092'], logLevel: logLevel.NOTHING, retry: { retries: 1 } }).admin();`,
  `
  await admin.connect();
  await admin.listTopics();
  await admin.disconnect();`,
);

function outcome(prepare: string, ask: string): Attempt {
  return `${prepare}
try {${ask}
  console.log('open');
} catch (error) {
  console.log('refused: ' + error.message.split('\\n')[0]);
}
process.exit(0);
`;
}

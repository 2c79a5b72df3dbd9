import { join } from 'node:path';
import type { ProcessSpec } from '../laptop/process-spec.ts';
import type { Topology } from '../laptop/topology.ts';
import type { ServiceDefinition } from '../systems/services.ts';
import { databaseName, type Stores } from '../systems/stores.ts';
import { kafka } from './kafka.ts';
import { chooseMongo, mongo, mongoUri } from './mongo.ts';
import { postgres } from './postgres.ts';

/** The databases and the broker of an instance. */
export interface Engines {
  /** The processes that every choice of systems needs. */
  readonly shared: readonly ProcessSpec[];
  /** The MongoDB of the instance; undefined if MONGODB_URI names one that runs elsewhere. */
  readonly mongo: ProcessSpec | undefined;
  readonly stores: Stores;
  /** Creates the PostgreSQL databases of services, unless they are there. */
  readonly provide: (services: readonly ServiceDefinition[]) => Promise<void>;
}

/** Describes the engines of an instance. Their databases are those of the systems that run from the start. */
export function engines(topology: Topology): Engines {
  const { data } = topology.state;
  const choice = chooseMongo();
  const relational = postgres(topology.postgres, data, databasesOf(topology.pods.map(({ service }) => service)));
  return {
    shared: [relational.spec, kafka(topology.kafka, topology.kafkaController, join(data, 'kafka'))],
    mongo: mongo(choice, topology.mongo, join(data, 'mongo')),
    stores: { postgresUri: relational.uri, mongoUri: (database) => mongoUri(choice, topology.mongo, database) },
    provide: (services) => relational.provide(databasesOf(services)),
  };
}

/** Returns whether a service keeps its data in MongoDB. */
export function needMongo(services: readonly ServiceDefinition[]): boolean {
  return services.some(({ store }) => store === 'mongo');
}

function databasesOf(services: readonly ServiceDefinition[]): string[] {
  return [...new Set(services.filter(({ store }) => store === 'postgres').map(databaseName))];
}

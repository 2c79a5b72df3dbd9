import { join } from 'node:path';
import type { ProcessSpec } from '../laptop/supervisor.ts';
import type { Topology } from '../laptop/topology.ts';
import { databaseName, type Stores } from '../systems/services.ts';
import { kafka } from './kafka.ts';
import { chooseMongo, mongo, mongoUri } from './mongo.ts';
import { postgres } from './postgres.ts';

/** The databases of a system, and how they are reached. */
export function engines(topology: Topology): { specs: ProcessSpec[]; stores: Stores; ownMongo: boolean } {
  const { data } = topology.state;
  const choice = chooseMongo();
  const databases = topology.pods.filter(({ service }) => service.store === 'postgres').map(({ service }) => databaseName(service));
  const relational = postgres(topology.postgres, data, [...new Set(databases)]);
  const documents = mongo(choice, topology.mongo, join(data, 'mongo'));
  return {
    specs: [
      relational.spec,
      kafka(topology.kafka, topology.kafkaController, join(data, 'kafka')),
      ...(documents === undefined ? [] : [documents]),
    ],
    stores: { postgresUri: relational.uri, mongoUri: (database) => mongoUri(choice, topology.mongo, database) },
    ownMongo: documents !== undefined,
  };
}

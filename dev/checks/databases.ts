import { MongoClient } from 'mongodb';
import pg from 'pg';
import type { Stores } from '../systems/stores.ts';

const CONNECT_MS = 5000;

/** Reads the PostgreSQL database of a service (`<system>_<service>`) within one snapshot. */
export async function readPostgres<T>(stores: Stores, database: string, work: (reader: DatabaseReader) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: stores.postgresUri(database), connectionTimeoutMillis: CONNECT_MS });
  await client.connect();
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return await work(new DatabaseReader(client));
  } finally {
    await client.end();
  }
}

/** Statements within one snapshot of a database. */
export class DatabaseReader {
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  /** The caller states the shape of the rows. */
  async rows<R extends pg.QueryResultRow>(statement: string): Promise<R[]> {
    return (await this.#client.query<R>(statement)).rows;
  }

  /** Returns how many transactions have events that are committed and not sent. */
  async unsent(): Promise<number> {
    return (await this.rows<{ count: number }>('SELECT count(*)::integer AS count FROM outbox'))[0]?.count ?? 0;
  }
}

/** Returns the statuses of all rows of a projection by their keys, as numbers of the contract. */
export async function readProjection(stores: Stores, database: string, collection: string): Promise<Map<string, number>> {
  const client = new MongoClient(stores.mongoUri(database), { serverSelectionTimeoutMS: CONNECT_MS });
  try {
    const rows = client.db().collection<{ _id: string; status?: number }>(collection);
    const found = await rows.find({}, { projection: { status: 1 } }).toArray();
    return new Map(found.map(({ _id, status }) => [_id, status ?? 0]));
  } finally {
    await client.close();
  }
}

import { MongoClient } from 'mongodb';
import pg from 'pg';
import type { Stores } from '../systems/stores.ts';

const CONNECT_MS = 5000;

/** Transactions whose events are not sent yet, by service. */
export type Waiting = Readonly<Record<string, number>>;

/** Statements by the name of their rows. */
type Statements = Readonly<Record<string, string>>;

/** Rows of the databases of a system. Each database is read at one moment; the moments differ, so a difference counts only if it stays. */
export interface SystemRows<R> {
  /** By the names that the statements have. */
  readonly rows: { readonly [N in keyof R]: readonly R[N][] };
  readonly waiting: Waiting;
}

/**
 * Reads the PostgreSQL databases of a system, each within one snapshot. The caller states the shapes of the rows, whose fields have
 * the names of columns in camel case.
 *
 * @param statements by service
 */
export async function readTables<R>(
  stores: Stores,
  system: string,
  statements: Readonly<Record<string, Statements>>,
): Promise<SystemRows<R>> {
  const databases = Object.entries(statements).map(async ([service, named]) => {
    return { service, ...(await readDatabase(stores.postgresUri(`${system}_${service}`), named)) };
  });
  const read = await Promise.all(databases);
  return {
    // The caller has stated the shapes.
    rows: Object.assign({}, ...read.map(({ rows }) => rows)),
    waiting: Object.fromEntries(read.map(({ service, waiting }) => [service, waiting])),
  };
}

async function readDatabase(uri: string, statements: Statements) {
  const client = new pg.Client({ connectionString: uri, connectionTimeoutMillis: CONNECT_MS });
  await client.connect();
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const rows: Record<string, object[]> = {};
    for (const [name, statement] of Object.entries(statements)) rows[name] = (await client.query(statement)).rows.map(camelCase);
    const outbox = await client.query<{ count: number }>('SELECT count(*)::integer AS count FROM outbox');
    return { rows, waiting: outbox.rows[0]?.count ?? 0 };
  } finally {
    await client.end();
  }
}

function camelCase(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fieldOf = (column: string) => column.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [fieldOf(column), value]));
}

/** Returns one sentence per service whose events are not sent yet. */
export function unsentEvents(waiting: Waiting): string[] {
  const found = Object.entries(waiting).filter(([, count]) => count > 0);
  return found.map(([service, count]) => `events of ${count} transactions of ${service} are not sent yet`);
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

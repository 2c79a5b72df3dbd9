import pg from 'pg';

/** Runs one statement on a connection of its own. @throws what the database or the way to it says */
export async function query(uri: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: uri, connectionTimeoutMillis: 1000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.query(statement);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Makes a role and the database that it owns, unless they are there. What is in a database stays.
 *
 * @param admin connection URI of a superuser
 * @param name of both
 * @param password the role's from now on
 */
export async function createDatabase(admin: string, name: string, password: string): Promise<void> {
  const role = pg.escapeIdentifier(name);
  const found = await query(
    admin,
    `SELECT (SELECT count(*) FROM pg_roles WHERE rolname = ${pg.escapeLiteral(name)}) AS role,
    (SELECT count(*) FROM pg_database WHERE datname = ${pg.escapeLiteral(name)}) AS database`,
  );
  const { role: roles, database: databases } = found.rows[0] ?? {};
  await query(admin, `${roles === '0' ? 'CREATE' : 'ALTER'} ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  if (databases === '0') await query(admin, `CREATE DATABASE ${role} OWNER ${role}`);
  // Any role may connect to a new database by default; each service sees its own only.
  await query(admin, `REVOKE CONNECT ON DATABASE ${role} FROM PUBLIC`);
}

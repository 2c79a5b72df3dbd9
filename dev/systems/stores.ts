/** Returns the name of a service's database, and of the role that owns it. */
export function databaseName({ system, name }: { readonly system: string; readonly name: string }): string {
  return `${system}_${name}`;
}

/** Connections to the databases of all services. */
export interface Stores {
  /** Connection URI of a database as its owner. */
  readonly postgresUri: (database: string) => string;
  /** Connection URI of a database. */
  readonly mongoUri: (database: string) => string;
}

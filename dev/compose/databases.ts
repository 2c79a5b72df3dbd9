// Makes the databases that the services of docker-compose.yml need and that are not there yet, each with a role of the same name.
import { z } from 'zod';
import { databaseSettings, readSettings } from '#kit/settings.ts';
import { createDatabase } from '../engines/databases.ts';
import { postgresDatabases } from './layout.ts';

const settings = readSettings({
  /** A superuser's. */
  DATABASE_URL: databaseSettings.DATABASE_URL,
  /** The password of every role. */
  DATABASE_PASSWORD: z.string({ error: 'must be the password of the databases’ roles' }),
});

for (const name of postgresDatabases) await createDatabase(settings.DATABASE_URL, name, settings.DATABASE_PASSWORD);
process.stdout.write(`${postgresDatabases.join(', ')} are there\n`);

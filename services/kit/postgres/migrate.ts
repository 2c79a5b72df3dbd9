// Brings a database to the newest version and ends: `node services/kit/postgres/migrate.ts services/rentcar/car/migrations`, with DATABASE_URL.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLogger } from '../runtime/log.ts';
import { databaseSettings, readSettings, serverSettings } from '../runtime/settings.ts';
import { migrate } from './migration.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('the folder of the migrations has to be given');
const { DATABASE_URL, LOG_LEVEL } = readSettings({ DATABASE_URL: databaseSettings.DATABASE_URL, LOG_LEVEL: serverSettings.LOG_LEVEL });

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
const log = createLogger('migrate', LOG_LEVEL);
await migrate(DATABASE_URL, pathToFileURL(`${resolve(folder)}/`), log, stop.signal);
log.info({ folder }, 'migrated');

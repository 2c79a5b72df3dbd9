import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onJob } from '#kit/jobs/jobs.ts';
import { PostgresDatabase } from '#kit/postgres/postgres.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { onDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { tested } from '../../support/tested/index.ts';

const SCHEMA = 'kit_jobs_test';

/** Creates the empty tables of the test in a schema of their own: `jobs`, `outbox`, and `effects` with a row for each run. */
export async function createSchema(): Promise<void> {
  const migration = readFileSync(new URL('../../../services/kit/postgres/migrations/004_jobs.sql', import.meta.url), 'utf8');
  const [up = ''] = migration.split('-- Down Migration');
  await onDatabase('rentcar_car', async (client) => {
    await client.query(`drop schema if exists ${SCHEMA} cascade; create schema ${SCHEMA}; set search_path = ${SCHEMA}; ${up};
      create table outbox (id bigint generated always as identity primary key, events bytea not null);
      create table effects (key text not null, worker text not null, is_early boolean not null)`);
  });
}

export async function dropSchema(): Promise<void> {
  await onDatabase('rentcar_car', (client) => client.query(`drop schema ${SCHEMA} cascade`));
}

/** Returns the URL of the test's database with the schema. */
export async function databaseUrl(): Promise<string> {
  return await tested.withStores(async (stores) => {
    const url = new URL(stores.postgresUri('rentcar_car'));
    url.searchParams.set('options', `-c search_path=${SCHEMA}`);
    return url.href;
  });
}

export function openDatabase(url: string): PostgresDatabase {
  return new PostgresDatabase({ url, poolSize: 2, log: createLogger('test', 'silent') });
}

/** Handles the jobs of the test: adds a row to `effects`. `after` runs in the same transaction. */
export function effectHandler(worker: string, after: (key: string) => Promise<void> | void = () => undefined) {
  return onJob('effect', async ({ key, dueTime }, tx) => {
    tx.write('insert into effects (key, worker, is_early) values ($1, $2, clock_timestamp() < $3)', [key, worker, dueTime]);
    await after(key);
  });
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  /** Resolves when the worker holds a job: it has written the effect and does not commit. */
  untilHolding(): Promise<void>;
  /** Kills the process by SIGKILL and waits for its end. */
  kill(): Promise<void>;
}

/** Starts a worker that runs jobs, and holds the transaction of the job `holdKey` open. */
export function startWorker(url: string, name: string, holdKey = ''): WorkerProcess {
  const program = fileURLToPath(new URL('./job-worker.ts', import.meta.url));
  const child = spawn(process.execPath, [program, name, holdKey], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return {
    untilHolding: () =>
      eventually(`${name} holds ${holdKey}`, () => {
        if (!output.includes('holding')) throw new Error(`exit code ${child.exitCode}, output "${output}"`);
      }),
    kill: () => killAndWait(child),
  };
}

async function killAndWait(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await ended;
}

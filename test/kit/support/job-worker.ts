// A worker for delayed jobs in a process of its own, which a test can kill: `node job-worker.ts NAME HOLD_KEY`, with DATABASE_URL.
import { JobWorker } from '#kit/jobs/worker.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { effectHandler, openDatabase } from './jobs.ts';

const [name = '', holdKey = ''] = process.argv.slice(2);
const database = openDatabase(process.env.DATABASE_URL ?? '');

async function hold(key: string): Promise<void> {
  if (key !== holdKey) return;
  process.stdout.write('holding\n');
  await new Promise<never>(() => undefined);
}

await new JobWorker(database, [effectHandler(name, hold)], createLogger(name, 'warn')).run(new AbortController().signal);

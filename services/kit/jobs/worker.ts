import { isPermanent } from '../events/deliveries.ts';
import type { Tx } from '../postgres/database.ts';
import type { PostgresDatabase } from '../postgres/postgres.ts';
import { failpoint } from '../runtime/failpoints.ts';
import { type Logger, reasonOf } from '../runtime/log.ts';
import { backoff, pause, Signal } from '../runtime/waiting.ts';
import type { Job } from './job.ts';
import type { JobHandler } from './jobs.ts';

/** The largest number of jobs in a transaction, which ends within `SERVICE_LIMITS`. */
const MAX_JOBS = 100;

/**
 * The longest time between two reads of the due jobs, in milliseconds. A worker sleeps until the next due time that it knows,
 * and wakes when its own process schedules a job. It reads for jobs that another process scheduled and died before they were due.
 */
const POLL_MS = 5000;

/** The least time from one transaction to the next, in milliseconds, so that jobs share transactions under load. */
const PACE_MS = 64;

/** The first and the longest time until a job that failed runs again, in milliseconds. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 300_000;

/** Effects and deletions are written, and not yet committed. */
const applied = failpoint('jobs.applied');

/**
 * Deletes due jobs and returns them. `skip locked`: each job goes to one worker, and is due again if the transaction of that worker
 * does not commit. The array keeps the planner from running the subquery more than once.
 */
const CLAIM = `delete from jobs where id = any(array(
    select id from jobs where name = any($1) and due_time <= now() order by due_time, id limit $2 for update skip locked))
  returning id, name, key, payload, due_time as "dueTime", failures, trace`;

/** `now()` is the same in both statements of a transaction. Jobs that are due and locked run elsewhere. */
const NEXT = `select (extract(epoch from min(due_time) - now()) * 1000)::float8 as "waitMs"
  from jobs where name = any($1) and due_time > now()`;

const POSTPONE = `update jobs set failures = failures + 1, due_time = now() + $2 * interval '1 ms' where id = $1`;

type ClaimedRow = Omit<Job, 'trace'> & { readonly id: number; readonly trace: string };

/** Runs the delayed jobs of a database. Each replica of a service runs one worker; a job runs in one of them. */
export class JobWorker {
  readonly #database: PostgresDatabase;
  readonly #handlers: readonly JobHandler[];
  readonly #names: readonly string[];
  readonly #log: Logger;
  readonly #scheduled = new Signal();
  /** How many jobs run in transactions of their own, since one of them has failed. */
  #separate = 0;

  constructor(database: PostgresDatabase, handlers: readonly JobHandler[], log: Logger) {
    this.#database = database;
    this.#handlers = handlers;
    this.#names = handlers.map(({ name }) => name);
    this.#log = log;
    database.onSchedule(() => this.#scheduled.set());
  }

  /** Runs until the signal is aborted, and retries while the database is away. Finishes the transaction at hand. */
  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const started = performance.now();
      try {
        const waitMs = await this.#runDue();
        failures = 0;
        if (waitMs === 0) continue;
        await this.#scheduled.wait(waitMs, signal);
        const early = started + PACE_MS - performance.now();
        if (early > 0) await pause(early, signal);
      } catch (error) {
        failures++;
        this.#log.warn({ error: reasonOf(error), failures }, 'the delayed jobs could not be run, trying again');
        await pause(backoff(failures), signal);
      }
    }
  }

  /** Runs due jobs in one transaction. Returns the time to wait in milliseconds; 0 if more jobs may be due. */
  async #runDue(): Promise<number> {
    const limit = this.#separate > 0 ? 1 : MAX_JOBS;
    let claimed: ClaimedRow[] = [];
    try {
      const waitMs = await this.#database.transaction(async (tx) => {
        const [rows, [next]] = await Promise.all([
          tx.query<ClaimedRow>(CLAIM, [this.#names, limit]),
          tx.query<{ waitMs: number | null }>(NEXT, [this.#names]),
        ]);
        claimed = rows.toSorted((a, b) => a.dueTime.getTime() - b.dueTime.getTime() || a.id - b.id);
        if (claimed.length > 0) await this.#apply(claimed, tx);
        return Math.min(Math.ceil(next?.waitMs ?? POLL_MS), POLL_MS);
      });
      this.#separate = Math.max(0, this.#separate - claimed.length);
      return claimed.length === limit ? 0 : waitMs;
    } catch (error) {
      const [only, second] = claimed;
      if (only === undefined || !isPermanent(error)) throw error;
      if (second === undefined) await this.#postpone(only, error);
      this.#separate = second === undefined ? Math.max(0, this.#separate - 1) : claimed.length;
      return 0;
    }
  }

  async #apply(claimed: readonly ClaimedRow[], tx: Tx): Promise<void> {
    const jobs = claimed.map(({ id, trace, ...job }): Job => ({ ...job, trace: JSON.parse(trace) }));
    for (const { name, apply } of this.#handlers) {
      const own = jobs.filter((job) => job.name === name);
      if (own.length > 0) await apply(own, tx);
    }
    await applied();
  }

  async #postpone({ id, name, key, failures }: ClaimedRow, error: unknown): Promise<void> {
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
    await this.#database.query(POSTPONE, [id, retryMs]);
    this.#log.error({ err: error, job: name, key, failures: failures + 1, retryMs }, 'a delayed job failed; it runs again later');
  }
}

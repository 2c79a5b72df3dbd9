import type { Tx } from '../postgres/database.ts';
import { inContextFrom, traceHeaders } from '../runtime/telemetry.ts';

/** A job to run once after a delay. */
export interface DelayedJob {
  /** Names the handler. */
  readonly name: string;
  /** What the job is about, usually the id of an entity. Jobs are cancelled by name and key. */
  readonly key: string;
  /** Milliseconds from the start of the transaction, by the clock of the database. */
  readonly delayMs: number;
  /** Data for the handler, at most a few hundred bytes. Default: empty. */
  readonly payload?: string;
}

/** A job as a transaction schedules it. */
export interface OutgoingJob extends Required<DelayedJob> {
  /** The W3C trace context headers that the job continues. */
  readonly trace: Readonly<Record<string, string>>;
}

/** A job that is due. */
export interface Job {
  readonly name: string;
  readonly key: string;
  readonly payload: string;
  readonly dueTime: Date;
  /** Earlier runs that failed. */
  readonly failures: number;
  /** The W3C trace context headers of the scheduling call, for `inTraceOf`. */
  readonly trace: Readonly<Record<string, string>>;
}

/** Runs the jobs of one name. */
export interface JobHandler {
  readonly name: string;
  readonly apply: (jobs: readonly Job[], tx: Tx) => Promise<void>;
}

/**
 * Schedules a job, which runs if and only if the transaction commits. Scheduling twice under one key makes two jobs. The job
 * continues the active trace.
 */
export function scheduleJob(tx: Tx, job: DelayedJob): void {
  tx.schedule([outgoingJob(job)]);
}

/** Completes a job for `Tx.schedule`. The job continues the active trace. */
export function outgoingJob(job: DelayedJob): OutgoingJob {
  return { payload: '', ...job, trace: traceHeaders() };
}

/**
 * Runs due jobs of one name, in the order of their due times; those that are due together in one call.
 *
 * The statements in `tx` commit together with the deletion of the jobs. If the transaction fails permanently, each job runs in a
 * transaction of its own, and a job that fails runs again later. A cancelled job may be running already, so the handler must
 * check the state that it changes. No trace is active during the call: use `inTraceOf`.
 */
export function onJobs(name: string, apply: JobHandler['apply']): JobHandler {
  return { name, apply };
}

/** Runs due jobs of one name one after the other, each in its own trace. Otherwise like `onJobs`, which costs less. */
export function onJob(name: string, run: (job: Job, tx: Tx) => Promise<void>): JobHandler {
  return onJobs(name, async (jobs, tx) => {
    for (const job of jobs) await inContextFrom(job.trace, () => run(job, tx));
  });
}

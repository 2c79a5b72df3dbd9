import type { Tx } from '../postgres/database.ts';
import { inContextFrom, traceHeaders } from '../runtime/telemetry.ts';
import type { DelayedJob, Job, OutgoingJob } from './job.ts';

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

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

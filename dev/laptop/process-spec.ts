/** A process to keep running. */
export interface ProcessSpec {
  readonly name: string;
  /** What it is, for a person: "Kafka 4.3.1". */
  readonly title: string;
  /** Where it listens, for a person. */
  readonly address: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Asks it to stop in an orderly way. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** How long it may take to stop before SIGKILL. */
  readonly stopSeconds: number;
  /** How long its first start may take, with everything that its readiness waits for. */
  readonly readySeconds: number;
  /** Whether it can be used now. Must not throw for a process that is not up yet: answer false. */
  readonly ready: () => Promise<boolean>;
  /** Runs before every start of the process. */
  readonly prepare?: () => Promise<void>;
  /** Runs once when it is ready for the first time. */
  readonly provision?: () => Promise<void>;
}

/** `backing off`: it died and is started again shortly. */
export type ProcessState = 'stopped' | 'starting' | 'ready' | 'backing off' | 'stopping';

/** What `npm run status` shows of a process. */
export interface ProcessStatus {
  readonly name: string;
  readonly title: string;
  readonly address: string;
  readonly state: ProcessState;
  readonly pid: number | undefined;
  /** How often the supervisor started it again after it died. */
  readonly restarts: number;
  /** Seconds since it was started. */
  readonly uptime: number | undefined;
  /** How it ended the last time; undefined while its first run lasts. */
  readonly lastExit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  readonly log: string;
}

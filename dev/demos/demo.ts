import type { Change } from './changes.ts';
import type { EdgeClient } from './edge-client.ts';
import type { Clause, PolicyReader } from './policy.ts';
import type { DemoRecord } from './record.ts';
import type { Replica } from './replica.ts';
import type { Habit, UserCalls } from './users.ts';

/** Load and length of a demonstration. */
export interface DemoOptions {
  /** Users at the same time. */
  readonly users: number;
  /** Length of the phase that shows something, in seconds. */
  readonly seconds: number;
}

/** A part of a demonstration, in which users have one habit. */
export interface DemoPhase {
  /** One word of at most 8 letters, shown in a column: `slow`. */
  readonly name: string;
  /** State of the system meanwhile, as a sentence without its period: `Car is slow`. */
  readonly title: string;
  readonly seconds: number;
  /** The phase goes on until `isReached`, up to this many seconds. Default: `seconds`. */
  readonly mostSeconds?: number;
  readonly habit: Habit;
  /** Changes during the phase. A change that the next phase has as well, as the same object, lasts. */
  readonly changes?: readonly Change[];
}

/** A column that one demonstration adds to the table. */
export interface DemoColumn {
  readonly title: string;
  readonly width: number;
}

/** A promise of the policies or the services, and whether the demonstration saw it kept. */
export interface Finding {
  readonly held: boolean;
  readonly promise: string;
  /** Observation, with figures. */
  readonly seen: string;
}

/** A line of a policy file with its meaning in some words; an empty meaning for a line that needs none. */
export type ClauseNote = readonly [clause: Clause, meaning: string];

/** The running system as a demonstration sees it. */
export interface DemoEnvironment {
  readonly edge: EdgeClient;
  /** Returns the replicas of a service that run now. */
  replicas(service: string): Promise<readonly Replica[]>;
  /** Reads the policies as saved. @throws PolicyError if they have defects */
  policies(): PolicyReader;
}

/**
 * A demonstration: users call a system through the edge while the system changes, and findings compare what they saw with
 * what the policies promise. Services are named within the demonstration's own system: `car`.
 */
export interface Demo {
  /** Name within its system: `circuit`. */
  readonly name: string;
  readonly title: string;
  readonly defaults: DemoOptions;
  /** The service that users call through the edge, whose sidecar calls `callee`. */
  readonly front: string;
  /** The service that `front` calls to answer; `front` itself if it calls none. */
  readonly callee: string;
  /** Replicas that a service needs at least: `{ car: 2 }`. */
  readonly replicas?: Readonly<Record<string, number>>;
  readonly column?: DemoColumn;
  /** Events of the demonstration, in some sentences. */
  readonly about: (policies: PolicyReader, options: DemoOptions) => string;
  /** Lines of the policies that decide the events. */
  readonly clauses: (policies: PolicyReader) => readonly ClauseNote[];
  readonly phases: (options: DemoOptions) => readonly DemoPhase[];
  /** Prepares one run: makes the data that users work on. */
  readonly start: (environment: DemoEnvironment) => Promise<DemoScript>;
}

/** One run of a demonstration. */
export interface DemoScript {
  readonly calls: UserCalls;
  /** Content of the demonstration's own column between two moments of performance.now(). */
  readonly cell?: (from: number, to: number) => string;
  /** Runs beside the users in a phase. `over` resolves at the end of the phase, and rejects if the demonstration is stopped. */
  readonly beside?: (phase: string, over: Promise<void>) => Promise<void>;
  /** Returns whether a phase with `mostSeconds` may end. */
  readonly isReached?: (phase: string, record: DemoRecord) => boolean;
  /** Compares the record with the promises. Users and changes have ended. */
  readonly check: (record: DemoRecord) => Promise<readonly Finding[]> | readonly Finding[];
}

/** Returns the least time that the phases take, in seconds. */
export function leastSeconds(demo: Demo, options: DemoOptions): number {
  return demo.phases(options).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Returns the longest time that the phases take, in seconds. */
export function longestSeconds(demo: Demo, options: DemoOptions): number {
  return demo.phases(options).reduce((sum, { seconds, mostSeconds }) => sum + (mostSeconds ?? seconds), 0);
}

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from './findings.ts';

/** A line that reports an error, in the form of one kind of process. */
const ERRORS: readonly RegExp[] = [
  // Services: JSON of pino.
  /^\{"level":"(error|fatal)"/,
  // Envoy.
  /^\[[^\]]+\]\[\d+\]\[(error|critical)\]/,
  // PostgreSQL.
  /^\S+ \S+ \S+ \[\d+\] (ERROR|FATAL|PANIC):/,
  // Kafka, by log4j.
  /^\S+ (ERROR|FATAL) /,
  // Java and Node without a logger.
  /^Exception in thread |^\w*Error: /,
];

/** Lines that a kill of a process causes by itself, by the log that they stand in. */
const CAUSED: readonly { readonly log: RegExp; readonly line: RegExp; readonly victim: RegExp }[] = [
  // Clients that connect while PostgreSQL replays its log, and sessions whose postmaster is gone.
  {
    log: /^postgres$/,
    line: /FATAL: {2}(the database system is (starting up|in recovery mode|not yet accepting connections)|terminating connection due to)/,
    victim: /^postgres$/,
  },
  // A frozen process holds locks for which others wait, and its transactions until the server ends them.
  {
    log: /^postgres$/,
    line: /ERROR: {2}canceling statement due to lock timeout|FATAL: {2}terminating connection due to (idle-in-transaction|transaction|idle-session) timeout/,
    victim: /^(car|reservation|rental)-\d+$/,
  },
  // A controller that is asked while it is being elected again.
  {
    log: /^kafka$/,
    line: /ControllerApis: .* Unexpected error handling request RequestHeader\(apiKey=CONTROLLER_REGISTRATION/,
    victim: /^kafka$/,
  },
  // A broker that replays its log drops the loading of group offsets that it had begun before it was elected.
  {
    log: /^kafka$/,
    line: /CoordinatorRuntime: .* Failed to load metadata from __consumer_offsets-\d+ .* no longer the leader/,
    victim: /^kafka$/,
  },
];

/** How far each log has been read, by file. */
export type LogEnds = ReadonlyMap<string, number>;

/** The present ends of the logs in a folder. */
export function logEnds(folder: string): LogEnds {
  return new Map(logFiles(folder).map((file) => [file, statSync(join(folder, file)).size]));
}

/** Records the lines of level error or fatal that were written since, except what the kills of these victims cause. */
export function checkLogs(folder: string, since: LogEnds, victims: readonly string[], findings: Findings): void {
  for (const file of logFiles(folder)) {
    const name = file.replace(/\.log$/, '');
    for (const line of errorLines(readFrom(join(folder, file), since.get(file) ?? 0))) {
      const caused = CAUSED.some(
        (each) => each.log.test(name) && each.line.test(line) && victims.some((victim) => each.victim.test(victim)),
      );
      if (!caused) findings.violation(`log of ${name}: ${line.slice(0, 800)}`);
    }
  }
}

/** The lines of a log that report an error. */
export function errorLines(text: string): string[] {
  return text.split('\n').filter((line) => ERRORS.some((pattern) => pattern.test(line)));
}

function logFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.log') && !file.endsWith('.previous.log'),
  );
}

function readFrom(path: string, from: number): string {
  const { size } = statSync(path);
  // A file that is shorter than before was begun anew, or rotated: what went into the old file meanwhile is not read.
  const start = size < from ? 0 : from;
  const bytes = Buffer.alloc(size - start);
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, bytes, 0, bytes.length, start);
    return bytes.subarray(0, length).toString();
  } finally {
    closeSync(file);
  }
}

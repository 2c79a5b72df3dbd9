import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PolicyError } from '../../envoy/index.ts';
import { dim } from '../bootstrap/lines.mjs';
import { excerpt, Refusal } from '../bootstrap/tools.mjs';
import { ProofFailed } from '../checks/proof.ts';
import { StartRefused } from './ports.ts';
import { NotReady } from './supervised.ts';

/** Causes that lie in the machine, told from what a process logged: what to look for, and the sentence that says how to fix it. */
const knownCauses: readonly [RegExp, string][] = [
  [
    /inotify_fd_ >= 0/,
    'The limit of inotify instances is used up, and every Envoy needs some: raise it with `sudo sysctl fs.inotify.max_user_instances=1024`.',
  ],
  [/No space left on device/, 'The disk is full: make room.'],
  [/java\.lang\.OutOfMemoryError|Cannot allocate memory/, 'The memory is used up: stop other programs; the system needs about 1.5 GB.'],
];

/** The sentence for a cause that a log shows, undefined if none is known. */
export function knownCause(log: string): string | undefined {
  return knownCauses.find(([pattern]) => pattern.test(log))?.[1];
}

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * What a person reads about a failed start: a sentence, the log that tells more, and its end.
 *
 * @param logs folder of the logs
 */
export function explain(error: unknown, logs: string): string {
  const lines: string[] = [error instanceof Error ? error.message : String(error)];
  const end = (text: string) => (text === '' ? [] : [dim(text.replace(/^/gm, '    '))]);
  const place = (file: string) => `  Its log: ${relative(process.cwd(), file)}`;
  if (error instanceof NotReady) {
    const log = readLog(error.log);
    const cause = knownCause(log);
    lines.push(...(cause === undefined ? [place(error.log), ...end(excerpt(log, 0, 10))] : [`  ${cause}`]));
  } else if (error instanceof ProofFailed) lines.push(place(join(logs, `${error.process}.log`)));
  else if (error instanceof Refusal) lines.push(...end(error.output));
  else if (!(error instanceof StartRefused || error instanceof PolicyError || error instanceof RangeError) && error instanceof Error)
    lines.push(...end(error.stack ?? ''));
  return lines.join('\n');
}

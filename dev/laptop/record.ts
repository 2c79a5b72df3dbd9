import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStart } from '../bootstrap/lock.mjs';

/** A process that was started. */
export interface RecordedProcess {
  readonly name: string;
  readonly pid: number;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
}

interface Entry extends RecordedProcess {
  /** When it started, by the system's own account: the pid alone may belong to another program by now. */
  readonly start: string;
}

/** The environment variable that every process carries: the state folder of the system that it belongs to. */
export const ownerVariable = 'RENTMESH_STATE';

/** How long an orphan may take to end before SIGKILL, in milliseconds. */
const orphanPatience = 10_000;

/** Writes down which processes run, so that they can be found and ended after the supervisor itself was killed. */
export class ProcessRecord {
  readonly #file: string;
  #entries: Entry[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  add(process: RecordedProcess): void {
    const start = processStart(process.pid);
    if (start === undefined) return;
    this.#entries.push({ ...process, start });
    this.#write();
  }

  remove(pid: number): void {
    this.#entries = this.#entries.filter((each) => each.pid !== pid);
    this.#write();
  }

  #write(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    const draft = `${this.#file}.draft`;
    writeFileSync(draft, JSON.stringify(this.#entries));
    renameSync(draft, this.#file);
  }
}

/** What a record says, as far as those very processes are still running. */
function recorded(file: string): Entry[] {
  if (!existsSync(file)) return [];
  try {
    // Our own file, put in place by rename.
    const entries = JSON.parse(readFileSync(file, 'utf8')) as Entry[];
    return entries.filter(({ pid, start }) => processStart(pid) === start);
  } catch {
    return [];
  }
}

/** Processes that carry the variable, which a supervisor killed between a start and its record would miss. Linux only. */
function carrying(owner: string): Entry[] {
  if (process.platform !== 'linux') return [];
  const wanted = `${ownerVariable}=${owner}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const pid = Number(name);
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(wanted)) return [];
      } catch {
        return []; // It ended, or belongs to somebody else.
      }
      const start = processStart(pid);
      return start === undefined ? [] : [{ name: 'process', pid, start, stopSignal: 'SIGTERM' as const }];
    });
}

/**
 * Ends what a killed supervisor left behind. Call it only when no supervisor is running.
 *
 * @param file its record
 * @param owner its state folder, as in the variable
 * @returns the names of what was ended
 */
export async function endOrphans(file: string, owner: string): Promise<string[]> {
  const known = recorded(file);
  const pids = new Set(known.map(({ pid }) => pid));
  const orphans = [...known, ...carrying(owner).filter(({ pid }) => !pids.has(pid))];
  const alive = () => orphans.filter(({ pid, start }) => processStart(pid) === start);
  for (const { pid, stopSignal } of alive()) signal(pid, stopSignal);
  const deadline = Date.now() + orphanPatience;
  while (alive().length > 0 && Date.now() < deadline) await sleep(20);
  for (const { pid } of alive()) signal(pid, 'SIGKILL');
  while (alive().length > 0) await sleep(20);
  return orphans.map(({ name }) => name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

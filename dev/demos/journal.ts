import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { lockIsHeld, processStart } from '../bootstrap/lock.mjs';

/** What a demonstration found, and has to leave as it was. */
export interface Found {
  /** Process id of the supervisor: a later one knows nothing of what was changed. */
  readonly supervisor: number;
  /** Replicas of car. */
  readonly replicas: number;
}

const entry = z.object({ holder: z.string(), supervisor: z.string(), replicas: z.int().positive() });

/** A process as a text that never means another one. */
const identity = (pid: number) => `${pid} ${processStart(pid)}`;

/**
 * A file that says what has to be restored, for as long as a demonstration is played: so there is only one at a time, and what a killed one left
 * behind is found by whoever looks next.
 */
export class Journal {
  readonly #file: string;

  /** @param folder where the running system keeps its state */
  constructor(folder: string) {
    this.#file = join(folder, 'demonstration.json');
  }

  /** Whether a demonstration is being played, by a process that lives. */
  get isHeld(): boolean {
    const found = this.#read();
    return found !== undefined && lockIsHeld(found.holder);
  }

  /** What a demonstration that died has left to be restored; undefined if it left nothing, or its system is gone as well. */
  get orphan(): Found | undefined {
    const found = this.#read();
    if (found === undefined || lockIsHeld(found.holder) || !lockIsHeld(found.supervisor)) return undefined;
    return { supervisor: Number(found.supervisor.split(' ')[0]), replicas: found.replicas };
  }

  /** Begins an entry of this process. @returns false if another one has begun its own meanwhile */
  begin({ supervisor, replicas }: Found): boolean {
    const draft = `${this.#file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify({ holder: identity(process.pid), supervisor: identity(supervisor), replicas }));
    try {
      // A hard link appears with its content, or fails because there is one.
      linkSync(draft, this.#file);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(draft);
    }
  }

  /** Everything is as it was. */
  end(): void {
    rmSync(this.#file, { force: true });
  }

  #read(): z.output<typeof entry> | undefined {
    try {
      return entry.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return undefined;
    }
  }
}

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { lockIsHeld, processStart } from '../bootstrap/lock.mjs';

const undo = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('faults'), service: z.string() }),
  z.object({ kind: z.literal('stopped'), service: z.string() }),
  z.object({ kind: z.literal('replicas'), service: z.string(), replicas: z.int().positive() }),
  z.object({ kind: z.literal('policy'), file: z.string(), before: z.string(), after: z.string() }),
]);

/**
 * The undoing of a change: ends faults, starts what was stopped, restores the number of replicas, or writes a policy file
 * (an absolute path) as before.
 */
export type Undo = z.output<typeof undo>;

const entry = z.object({ holder: z.string(), supervisor: z.string(), undos: z.array(undo) });

/** Changes that a process which died has left. */
export interface Orphan {
  /** Latest change first. */
  readonly undos: readonly Undo[];
  /** Whether the changed system still runs. A later one has only the changed files. */
  readonly isRunning: boolean;
}

/** Identifies a process: a pid alone may be given to another one later. */
const identity = (pid: number) => `${pid} ${processStart(pid)}`;

/**
 * The file that lists the changes of the demonstration that is played. It keeps two from running at once, and lets the next
 * demonstration, the observer or the next start undo the changes of one that was killed.
 */
export class Journal {
  readonly #file: string;
  #undos: Undo[] = [];
  #supervisor = '';

  /** @param folder state folder of the running system */
  constructor(folder: string) {
    this.#file = join(folder, 'demonstration.json');
  }

  /** Whether a living process plays a demonstration. */
  get isHeld(): boolean {
    const found = this.#read();
    return found !== undefined && lockIsHeld(found.holder);
  }

  /** The changes of a demonstration that died; undefined if there are none. */
  get orphan(): Orphan | undefined {
    const found = this.#read();
    if (found === undefined || lockIsHeld(found.holder)) return undefined;
    return { undos: found.undos.toReversed(), isRunning: lockIsHeld(found.supervisor) };
  }

  /** Begins the journal of this process. @returns false if another process holds it */
  begin(supervisor: number): boolean {
    this.#supervisor = identity(supervisor);
    const draft = this.#writeDraft();
    try {
      // A hard link appears with its content, or fails because the name is taken.
      linkSync(draft, this.#file);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(draft);
    }
  }

  /** Adds the undoing of a change that is about to be made. */
  add(change: Undo): void {
    this.#undos.push(change);
    renameSync(this.#writeDraft(), this.#file);
  }

  /** Removes the undoing of a change that was undone. */
  remove(change: Undo): void {
    this.#undos = this.#undos.filter((each) => each !== change);
    renameSync(this.#writeDraft(), this.#file);
  }

  /** Ends the journal: every change was undone. */
  end(): void {
    rmSync(this.#file, { force: true });
  }

  #writeDraft(): string {
    const draft = `${this.#file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify({ holder: identity(process.pid), supervisor: this.#supervisor, undos: this.#undos }));
    return draft;
  }

  #read(): z.output<typeof entry> | undefined {
    try {
      return entry.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return undefined;
    }
  }
}

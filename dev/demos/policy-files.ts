import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { Journal, type Undo } from './journal.ts';

/** A policy file that somebody edited during a demonstration; the message says so. */
export class PolicyEdited extends Error {
  override readonly name = 'PolicyEdited';
}

/**
 * Writes a policy file as it was before a demonstration.
 *
 * @returns whether the file had to be written
 * @throws PolicyEdited if the file has neither content: it is left alone
 */
export function restorePolicy({ file, before, after }: Extract<Undo, { kind: 'policy' }>): boolean {
  const now = readFileSync(file, 'utf8');
  if (now === before) return false;
  if (now !== after)
    throw new PolicyEdited(`${relative(process.cwd(), file)} was edited during a demonstration: it is left as it is, look at it.`);
  return replaceFile(file, before);
}

/** Replaces a file in one step. Its draft has no ending of a policy file, so that nothing reads it. @returns true: it was written */
export function replaceFile(file: string, text: string): true {
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}`);
  writeFileSync(draft, text);
  renameSync(draft, file);
  return true;
}

/**
 * Restores the policy files that a demonstration changed which died together with its system. Call it before the policies
 * are read, while no system of the instance runs.
 *
 * @param folder state folder of the system
 * @returns a sentence about each file
 */
export function restorePolicies(folder: string): string[] {
  const journal = new Journal(folder);
  const { orphan } = journal;
  if (orphan === undefined || orphan.isRunning) return [];
  const policies = orphan.undos.filter((undo) => undo.kind === 'policy');
  const sentences = policies.map((policy) => {
    try {
      restorePolicy(policy);
      return `${relative(process.cwd(), policy.file)} is as before the demonstration that was killed`;
    } catch (error) {
      if (error instanceof PolicyEdited) return error.message;
      throw error;
    }
  });
  journal.end();
  return sentences;
}

import { lstatSync, mkdirSync } from 'node:fs';

/** No write permission for the group and for others. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Makes a folder in a directory that all users share, or uses the one that is there. Another user could have made it before, with content of
 * their own.
 *
 * @param mode permissions of a new folder
 * @throws Error if the folder belongs to another user than root or the current one, or others may write into it
 */
export function ownedFolder(path: string, mode = 0o700): string {
  mkdirSync(path, { recursive: true, mode });
  const { uid, mode: found, ...entry } = describe(path);
  const isOwn = uid === 0 || uid === process.getuid?.();
  if (!entry.isFolder || !isOwn || (found & WRITABLE_BY_OTHERS) !== 0)
    throw new Error(`${path} has to be a folder of root or of this user that others cannot write into; remove it, and start again.`);
  return path;
}

function describe(path: string): { uid: number; mode: number; isFolder: boolean } {
  const entry = lstatSync(path);
  return { uid: entry.uid, mode: entry.mode, isFolder: entry.isDirectory() };
}

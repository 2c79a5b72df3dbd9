import { watch as notify, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a folder at one moment: for each path a stamp that changes when it is written, and its size in bytes. */
export type Listing = ReadonlyMap<string, { readonly stamp: string; readonly size: number }>;

/** How often the folder is listed without a notification, in milliseconds. A listing of the policies takes 10 ms of CPU. */
const restPause = 3000;

/** The same for a second after a notification or a difference, so that a change is complete soon. */
const pause = 50;
const alertTime = 1000;

/** A change is passed on when nothing has changed for this long, in milliseconds: an editor writes a file in several steps. */
const settled = 100;

/**
 * The same while a file is missing or empty that was not before: some editors truncate a file, or put it aside, and then write it. To pass
 * that on would be to take a service out of the mesh for a moment.
 */
const settledLoss = 500;

/** The policy files below a folder as they are now; those that come or go meanwhile may be missing. */
export function listFiles(folder: string): Listing {
  const found = new Map<string, { stamp: string; size: number }>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    // What editors write besides has other endings, or is hidden.
    if (!/\.ya?ml$/.test(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(entry.parentPath, entry.name);
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    // A file that is put in the place of another has another inode, whatever its times are.
    if (stat?.isFile()) found.set(path, { stamp: `${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.size}`, size: Number(stat.size) });
  }
  return found;
}

function isSame(one: Listing, other: Listing): boolean {
  return one.size === other.size && [...one].every(([path, { stamp }]) => other.get(path)?.stamp === stamp);
}

/** Whether a file is missing or empty that was not before. */
function hasLoss(before: Listing, now: Listing): boolean {
  return [...before].some(([path, { size }]) => size > 0 && (now.get(path)?.size ?? 0) === 0);
}

/**
 * Decides when a change is complete.
 *
 * @param first what is known already
 * @returns a function to call with each listing and its time in milliseconds; true when what has changed since the last true, or since `first`, is complete
 */
export function settling(first: Listing): (now: Listing, time: number) => boolean {
  let known = first;
  let last = first;
  let since = 0;
  return (now, time) => {
    if (!isSame(now, last)) {
      last = now;
      since = time;
    }
    if (isSame(now, known) || time - since < (hasLoss(known, now) ? settledLoss : settled)) return false;
    known = now;
    return true;
  };
}

/**
 * Watches the policy files below a folder by listing them: that sees every way of writing a file, new and deleted folders included, and on every
 * file system, where notifications have gaps in each of these. A notification makes the next listing early.
 *
 * @param from what is known already
 * @param changed called when a change is complete, and not again before what it returns has ended
 * @returns what ends the watching
 */
export function watch(folder: string, from: Listing, changed: () => Promise<void>): () => void {
  const isComplete = settling(from);
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let isApplying = false;
  let last = from;
  let differedAt = Number.NEGATIVE_INFINITY;
  const next = () => {
    const isAlert = performance.now() - differedAt < alertTime;
    if (!ended) timer = setTimeout(run, isAlert ? pause : restPause).unref();
  };
  const run = () => {
    const now = listOrNothing(folder);
    const time = performance.now();
    if (!isSame(now, last)) differedAt = time;
    last = now;
    if (!isComplete(now, time)) return next();
    isApplying = true;
    const applied = () => {
      isApplying = false;
      next();
    };
    changed().then(applied, applied);
  };
  next();
  const stop = onNotification(folder, () => {
    if (performance.now() - differedAt < alertTime) return;
    differedAt = performance.now();
    if (isApplying) return;
    clearTimeout(timer);
    next();
  });
  return () => {
    ended = true;
    clearTimeout(timer);
    stop();
  };
}

/** Calls back when the file system notifies of a change. Notifications are a hint: a folder that is replaced gives none. */
function onNotification(folder: string, changed: () => void): () => void {
  try {
    const watcher = notify(folder, { recursive: true, persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}

/** A folder that is put aside for a moment, as version control does, is one without files. */
function listOrNothing(folder: string): Listing {
  try {
    return listFiles(folder);
  } catch {
    return new Map();
  }
}

// One installation at a time on a checkout, also when several commands start at once.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * When a process was started, in a form that never comes twice for one pid: a pid alone may have been given to another process since.
 * @param {number} pid
 * @returns {string | undefined} undefined if there is no such process
 */
export function processStart(pid) {
  try {
    // Field 22 of /proc/<pid>/stat (proc(5)); the command in brackets before it may hold spaces. A zombie (state Z) has ended.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch {
    return undefined;
  }
}

/**
 * Whether the process that wrote a lock is still there.
 * @param {string} text `<pid> <start>`
 */
export function lockIsHeld(text) {
  const [pid, start] = text.trim().split(' ');
  return start !== undefined && processStart(Number(pid)) === start;
}

/**
 * Does work while holding a lock file; waits as long as another living process holds it, and takes it over from a dead one.
 * @template T
 * @param {string} file
 * @param {(holder: string) => void} onWait called once if it has to wait
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, onWait, work) {
  const mine = `${process.pid} ${processStart(process.pid)}`;
  const draft = join(dirname(file), `.lock-${process.pid}`);
  writeFileSync(draft, mine);
  let told = false;
  try {
    // A hard link either appears with its content or fails because the name is taken.
    while (!tryLink(draft, file)) {
      const holder = read(file);
      if (holder === undefined) continue;
      if (!lockIsHeld(holder)) {
        takeAway(file, holder);
        continue;
      }
      if (!told) onWait(holder);
      told = true;
      await sleep(200);
    }
    const letGo = () => {
      if (read(file) === mine) rmSync(file, { force: true });
    };
    process.once('exit', letGo);
    try {
      return await work();
    } finally {
      letGo();
      process.off('exit', letGo);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** @param {string} from @param {string} to */
function tryLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Removes the lock of a dead process. Two waiters may see it dead at once, and the slower one may move away the faster one's new lock: it
 * looks at what it moved and puts that back.
 * @param {string} file
 * @param {string} dead
 */
function takeAway(file, dead) {
  const aside = join(dirname(file), `.dead-lock-${process.pid}`);
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (read(aside) !== dead) tryLink(aside, file);
  rmSync(aside, { force: true });
}

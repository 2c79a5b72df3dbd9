import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** USER_HZ: process times in /proc count 1/100 s on every Linux. */
const TICKS_PER_SECOND = 100;

/** Fields of /proc/PID/stat, from the third (state) on; undefined if there is no such process. */
function fields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in parentheses, may contain spaces: fields are counted behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Seconds of CPU that a process has used so far, all its threads together, in steps of 10 ms. NaN if it has ended. */
export function cpuSeconds(pid: number): number {
  // utime and stime are the 14th and 15th of all fields.
  const [user, system] = fields(pid)?.slice(11, 13) ?? [];
  return (Number(user) + Number(system)) / TICKS_PER_SECOND;
}

/** Processes whose parent is `pid`, such as PostgreSQL's, one for each connection. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => Number(fields(each)?.[1]) === pid);
}

/** Seconds of CPU of a process and its children, also of children that have ended. NaN if the process has ended. */
export function cpuSecondsOfFamily(pid: number): number {
  // cutime and cstime, the 16th and 17th, are those of children that have ended.
  const [user, system] = fields(pid)?.slice(13, 15) ?? [];
  const ended = (Number(user) + Number(system)) / TICKS_PER_SECOND;
  // A child that ends between listing and reading is in the next reading of its parent.
  const running = childrenOf(pid).map((child) => cpuSeconds(child) || 0);
  return running.reduce((sum, each) => sum + each, cpuSeconds(pid) + ended);
}

/** The Node processes that started a process: its parent, the parent of that, and so on, as far as they are Node. */
export function nodeAncestorsOf(pid: number): number[] {
  const parent = Number(fields(pid)?.[1]);
  return isNode(parent) ? [parent, ...nodeAncestorsOf(parent)] : [];
}

function isNode(pid: number): boolean {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)) === 'node';
  } catch {
    return false;
  }
}

/** Bytes of memory of a process and its children: proportional set size, in which a page shared by n processes counts 1/n. */
export function pssOfFamily(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + pss(each), 0);
}

/** Bytes of memory (PSS) of one process. 0 if it has ended. */
export function pss(pid: number): number {
  try {
    const [, kilobytes] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

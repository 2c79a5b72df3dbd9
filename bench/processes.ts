import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel counts process times in, a second (USER_HZ, 100 on every Linux). */
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

/** Seconds of CPU that a process has used so far, all its threads together, as Linux counts it (in steps of 10 ms). */
export function cpuSeconds(pid: number): number {
  // utime and stime are the 14th and 15th of all fields.
  const [user, system] = fields(pid)?.slice(11, 13) ?? [];
  return (Number(user) + Number(system)) / TICKS_PER_SECOND;
}

/** The same of a process and its children, as PostgreSQL has one for each connection; those that have ended are counted too. */
export function cpuSecondsOfFamily(pid: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(fields(Number(name))?.[1]) === pid);
  // cutime and cstime, the 16th and 17th, are those of children that have ended.
  const [user, system] = fields(pid)?.slice(13, 15) ?? [];
  const ended = (Number(user) + Number(system)) / TICKS_PER_SECOND;
  return [pid, ...children.map(Number)].reduce((sum, each) => sum + cpuSeconds(each), ended);
}

import { readFileSync } from 'node:fs';

/** What the kernel counts process times in, a second (USER_HZ, 100 on every Linux). */
const TICKS_PER_SECOND = 100;

/** Seconds of CPU that a process has used so far, all its threads together, as Linux counts it (in steps of 10 ms). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program's name, in parentheses, may contain spaces: fields are counted behind it. utime and stime are the 14th and 15th of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

import { readdirSync, readFileSync } from 'node:fs';
import type { Pod } from './pods.ts';

/**
 * Sends a signal to the main process of a pod's container, from the node: inside its container the first process takes neither SIGKILL nor
 * SIGSTOP. For a cluster whose node is this machine.
 */
export function signalFromNode(pod: Pod, signal: NodeJS.Signals): void {
  process.kill(mainProcess(pod), signal);
}

/** The process of the node that is the first one of a container, found by its control group. */
function mainProcess({ name, containerId }: Pod): number {
  const id = containerId.replace(/^.*\/\//, '');
  const found = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => id !== '' && read(`/proc/${entry}/cgroup`).includes(id))
    .find((entry) => /^NSpid:.*\s1$/m.test(read(`/proc/${entry}/status`)));
  if (found === undefined) throw new Error(`no process of this machine is the first of ${name}: the cluster's node is another machine`);
  return Number(found);
}

/** A process may end between two looks. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

// Prints the end of a process's log and follows it; without a name it lists the logs.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { topologyFromEnvironment } from '../laptop/topology.ts';
import { resolveName } from '../systems/identity.ts';

const { logs } = topologyFromEnvironment().state;
const PREVIOUS = '.previous';

/** Names of all logs: `rentcar/car-1`, and `rentcar/car-1.previous` of the run before. */
function logNames(): string[] {
  if (!existsSync(logs)) return [];
  return readdirSync(logs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
    .map((entry) => relative(logs, join(entry.parentPath, entry.name)).slice(0, -'.log'.length))
    .toSorted();
}

function follow(name: string): void {
  const tail = spawn('tail', ['-n', '50', '-F', join(logs, `${name}.log`)], { stdio: ['ignore', 'inherit', 'ignore'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tail.kill());
}

const wanted = process.argv[2];
const names = logNames();
if (wanted === undefined) {
  const current = names.filter((each) => !each.endsWith(PREVIOUS));
  console.log(current.length === 0 ? 'There are no logs yet.' : `npm run logs -- NAME, where NAME is one of:\n  ${current.join('\n  ')}`);
} else {
  try {
    // Of a service with several replicas, the first one.
    follow(resolveName(wanted, names, 'log')[0] ?? wanted);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

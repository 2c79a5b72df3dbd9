// Prints the end of a process's log and follows it; without a name it lists the logs.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { topologyFromEnvironment } from '../laptop/topology.ts';

const { logs } = topologyFromEnvironment().state;
const name = process.argv[2];
const names = existsSync(logs) ? readdirSync(logs).flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -4)] : [])) : [];

if (name === undefined) {
  const current = names.filter((each) => !each.endsWith('.previous'));
  console.log(current.length === 0 ? 'There are no logs yet.' : `npm run logs -- NAME, where NAME is one of:\n  ${current.join('\n  ')}`);
} else if (!names.includes(name)) {
  console.error(`There is no log "${name}"; there are: ${names.join(', ')}.`);
  process.exitCode = 1;
} else {
  const tail = spawn('tail', ['-n', '50', '-F', join(logs, `${name}.log`)], { stdio: ['ignore', 'inherit', 'ignore'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tail.kill());
}

// `npm start` in the background: returns when the system is ready.
import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { topologyFromEnvironment } from '../laptop/topology.ts';

const { state } = topologyFromEnvironment();
mkdirSync(state.logs, { recursive: true });
const log = openSync(join(state.logs, 'supervisor.log'), 'a');
const child = spawn(process.execPath, [...process.execArgv, join(import.meta.dirname, 'start.ts'), '--detached'], {
  detached: true,
  stdio: ['ignore', log, log, 'ipc'],
  env: process.env,
});
const stop = () => void child.kill('SIGTERM');
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
// Whoever reads this may have gone (`npm run up | head`); the start goes on.
process.stdout.on('error', () => undefined);
child.on('message', (message) => {
  if (typeof message === 'string') return console.log(message);
  child.disconnect();
  child.unref();
  process.exit(0);
});
child.on('exit', (code) => process.exit(code ?? 1));

// Starts systems in the background, or adds systems to a running instance: `npm run up [-- SYSTEM… | all]`.
import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { green, line, red } from '../bootstrap/lines.mjs';
import { type Control, controlClient, NotRunning, type SystemStatus } from '../laptop/control.ts';
import { explain } from '../laptop/explain.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';
import { chooseSystems } from '../systems/systems.ts';

const names = process.argv.slice(2);
const { state } = topologyFromEnvironment();

/** Runs `npm start` in the background, and ends when it is ready. */
function startInBackground(): void {
  mkdirSync(state.logs, { recursive: true });
  const log = openSync(join(state.logs, 'supervisor.log'), 'a');
  const child = spawn(process.execPath, [...process.execArgv, join(import.meta.dirname, 'start.ts'), '--detached', ...names], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: process.env,
  });
  const stop = () => void child.kill('SIGTERM');
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // The reader of this process may be gone (`npm run up | head`); the start goes on.
  process.stdout.on('error', () => undefined);
  child.on('message', (message) => {
    if (typeof message === 'string') return console.log(message);
    child.disconnect();
    child.unref();
    process.exit(0);
  });
  child.on('exit', (code) => process.exit(code ?? 1));
}

/** Adds the systems that do not run yet, and proves that each works. */
async function add(control: Control, { systems: running, edge, warnings: known }: SystemStatus): Promise<void> {
  for (const { name, title, proof } of chooseSystems(names)) {
    if (running.includes(name)) {
      console.log(`${name} is already running.`);
      continue;
    }
    const start = performance.now();
    await control.up(name);
    console.log(line(green('✓'), name, `${title} is added`, performance.now() - start));
    const { warnings } = await control.status();
    for (const warning of warnings.filter((each) => !known.includes(each))) console.log(`    ${warning}`);
    const { prove } = await proof();
    await prove(edge, (what, detail, milliseconds) => console.log(line(green('✓'), what, detail, milliseconds)));
  }
}

try {
  // Unknown names end here, before anything starts.
  chooseSystems(names);
  const control = controlClient(state.socket);
  const status = await control.status().catch((error: unknown) => {
    if (!(error instanceof NotRunning)) throw error;
  });
  // Without names the start says that Rentmesh is running.
  if (status === undefined || names.length === 0) startInBackground();
  else await add(control, status);
} catch (error) {
  console.error(`${red('✗')} ${explain(error, state.logs)}`);
  process.exitCode = 1;
}

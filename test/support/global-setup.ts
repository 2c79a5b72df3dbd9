import { fork } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { controlClient, NotRunning } from '../../dev/laptop/control.ts';
import { endOrphans } from '../../dev/laptop/record.ts';
import { TEST_SETTINGS } from '../../dev/laptop/service-environment.ts';
import { root } from '../../dev/paths.mjs';
import { collector, edge, system } from './instance.ts';

/** Starts the system that the tests run on, with nothing in it, once for the run. Returns what stops it. */
export default async function setup(): Promise<() => Promise<void>> {
  await endSystem();
  rmSync(system.state.root, { recursive: true, force: true });
  cpSync(join(root, 'mesh'), system.mesh, { recursive: true });
  const begin = performance.now();
  await start();
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`  the tested system is at ${edge.url} after ${seconds} s; its logs are in .rentmesh/state-${system.instance}/logs`);
  return endSystem;
}

/** Starts the system in a process of its own, which ends when this one does. */
async function start(): Promise<void> {
  const child = fork(fileURLToPath(new URL('./supervise.ts', import.meta.url)), {
    // In a process group of its own: Ctrl-C ends the tests first.
    detached: true,
    stdio: 'inherit',
    // Services get the environment of the process that starts them.
    env: {
      ...process.env,
      [TEST_SETTINGS]: 'yes',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collector}`,
      // Only what a test asks to see, by a traceparent that is sampled.
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the tested system ended with code ${code} while it started`)));
  });
  // The run ends when the tests do.
  child.unref();
  child.channel?.unref();
}

/** Ends the tested instance, whoever has started it, and what a run that was killed has left of it. */
async function endSystem(): Promise<void> {
  try {
    await controlClient(system.state.socket).shutdown();
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
  }
  await endOrphans(system.state.record, system.state.root);
}

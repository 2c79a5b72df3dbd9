import { rmSync } from 'node:fs';
import { controlClient, NotRunning } from '../../dev/control.ts';
import { prove } from '../../dev/prove.ts';
import { endOrphans } from '../../dev/record.ts';
import { System } from '../../dev/system.ts';
import { HOLD_LEASE_SECONDS, system } from './instance.ts';

/** Starts the system that the tests run on, with nothing in it, once for the run. Returns what stops it. */
export default async function setup(): Promise<() => Promise<void>> {
  await endSystem();
  rmSync(system.state.root, { recursive: true, force: true });
  // Services get the environment of the process that starts them.
  process.env.HOLD_LEASE_SECONDS = String(HOLD_LEASE_SECONDS);
  const started = new System(system);
  const begin = performance.now();
  try {
    await started.start((what, detail, milliseconds) => console.log(`  ${what.padEnd(9)} ${detail} (${milliseconds.toFixed(0)} ms)`));
    // One of everything: the first call of a process takes ten times as long as the second.
    await prove(started.url, () => undefined);
  } catch (error) {
    await started.stop();
    throw error;
  }
  console.log(
    `  the system under test is at ${started.url} after ${((performance.now() - begin) / 1000).toFixed(1)} s; its logs are in .rentmesh/state-${system.instance}/logs`,
  );
  // Not `started.stop()` alone: a test may have stopped that one and started another.
  return endSystem;
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

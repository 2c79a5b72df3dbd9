import { rmSync } from 'node:fs';
import { controlClient, NotRunning } from '../../dev/control.ts';
import { endOrphans } from '../../dev/record.ts';
import { System } from '../../dev/system.ts';
import { HOLD_LEASE_SECONDS, system } from './instance.ts';

/** Starts the system that the tests run on, with nothing in it, once for the run. Returns what stops it. */
export default async function setup(): Promise<() => Promise<void>> {
  await clearLeftover();
  // Services get the environment of the process that starts them.
  process.env.HOLD_LEASE_SECONDS = String(HOLD_LEASE_SECONDS);
  const started = new System(system);
  const begin = performance.now();
  try {
    await started.start((what, detail, milliseconds) => console.log(`  ${what.padEnd(9)} ${detail} (${milliseconds.toFixed(0)} ms)`));
  } catch (error) {
    await started.stop();
    throw error;
  }
  console.log(
    `  the system under test is at ${started.url} after ${((performance.now() - begin) / 1000).toFixed(1)} s; its logs are in .rentmesh/state-${system.instance}/logs`,
  );
  return () => started.stop();
}

/** Ends what an earlier run has left, if it was killed, and forgets what it stored. */
async function clearLeftover(): Promise<void> {
  try {
    await controlClient(system.state.socket).shutdown();
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
  }
  await endOrphans(system.state.record, system.state.root);
  rmSync(system.state.root, { recursive: true, force: true });
}

// Stops the system, or what a killed supervisor left of it.
import { controlClient, NotRunning } from '../laptop/control.ts';
import { endOrphans } from '../laptop/record.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';

const { state } = topologyFromEnvironment();
try {
  await controlClient(state.socket).shutdown();
  console.log('Stopped: every process has ended, the data is kept.');
} catch (error) {
  if (!(error instanceof NotRunning)) throw error;
  const orphans = await endOrphans(state.record, state.root);
  console.log(orphans.length === 0 ? 'Nothing was running.' : `Ended ${orphans.length} processes that a killed run had left.`);
}

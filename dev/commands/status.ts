// The processes of the running system as a table.
import { red } from '../bootstrap/lines.mjs';
import { controlClient, NotRunning } from '../laptop/control.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';
import { table } from '../terminal/table.ts';

/** 75 → `1m15s`. */
function uptime(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m`;
}

try {
  const { edge, ready, systems, policy, processes } = await controlClient(topologyFromEnvironment().state.socket).status();
  const rows = processes.map((each) => [
    each.name,
    each.address,
    each.pid === undefined ? '–' : String(each.pid),
    each.state,
    String(each.restarts),
    each.uptime === undefined ? '–' : uptime(each.uptime),
  ]);
  console.log(table(['process', 'address', 'pid', 'state', 'restarts', 'uptime'], rows));
  console.log(`\nRentmesh is ${ready ? 'ready' : 'starting'} at ${edge}, with ${systems.join(', ')}.`);
  if (policy?.ok === false)
    console.log(
      `\n${red('✗')} The policies are not in force as they were saved at ${policy.at}; those before hold:\n${policy.error ?? ''}`,
    );
} catch (error) {
  if (!(error instanceof NotRunning)) throw error;
  console.log(error.message);
  process.exitCode = 1;
}

// Checks the invariant of each running system: `npm run check [-- [SYSTEM…] [--wait SECONDS]]`.
import { check, checkRequest } from '../checks/check.ts';
import { engines } from '../engines/engines.ts';
import { controlClient, NotRunning } from '../laptop/control.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';
import { systems } from '../systems/systems.ts';

async function main(): Promise<number> {
  const topology = topologyFromEnvironment();
  const { systems: running } = await controlClient(topology.state.socket).status();
  const request = checkRequest(
    process.argv.slice(2),
    systems.filter(({ name }) => running.includes(name)),
  );
  return await check(request, engines(topology).stores);
}

try {
  process.exitCode = await main();
} catch (error) {
  const isExplained = error instanceof NotRunning || error instanceof TypeError || error instanceof RangeError;
  console.error(isExplained ? error.message : error);
  process.exitCode = 1;
}

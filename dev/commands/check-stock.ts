// Checks that no stock was lost or sold twice: `npm run check:stock [-- --wait SECONDS]`.

import { checkStock, waitSeconds } from '../checks/stock-check.ts';
import { engines } from '../engines/engines.ts';
import { controlClient, NotRunning } from '../laptop/control.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';

async function main(): Promise<number> {
  const seconds = waitSeconds(process.argv.slice(2));
  const topology = topologyFromEnvironment();
  await controlClient(topology.state.socket).status();
  return await checkStock(engines(topology).stores, seconds);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof NotRunning || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
}

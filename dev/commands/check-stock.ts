// Checks that no stock was lost or sold twice: `npm run check:stock [-- --wait SECONDS]`.
import { controlClient, NotRunning } from '../control.ts';
import { engines } from '../engines/engines.ts';
import { checkStock, waitSeconds } from '../stock-check.ts';
import { topologyFromEnvironment } from '../topology.ts';

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

// Checks that no stock was lost or sold twice: `npm run check:stock [-- --wait SECONDS]`.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dim, green, red } from '../bootstrap/lines.mjs';
import { controlClient, NotRunning } from '../control.ts';
import { engines } from '../engines/engines.ts';
import { differences, readStock, stockLines } from '../stock.ts';
import { table } from '../table.ts';
import { topologyFromEnvironment } from '../topology.ts';

/** Longer than the lease of an unconfirmed hold (30 s), which a process that died may have left. */
const defaultWaitSeconds = 45;

const shownCars = 20;
const shownDifferences = 20;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { wait: { type: 'string', default: String(defaultWaitSeconds) } } });
  const deadline = Date.now() + Number(values.wait) * 1000;
  const topology = topologyFromEnvironment();
  await controlClient(topology.state.socket).status();
  const { stores } = engines(topology);

  let snapshot = await readStock(stores);
  let told = false;
  while (differences(snapshot).length > 0 && Date.now() < deadline) {
    if (!told) console.log(dim(`Waiting until the events that are under way have arrived (${values.wait} s at most) …`));
    told = true;
    await sleep(250);
    snapshot = await readStock(stores);
  }

  const lines = stockLines(snapshot);
  const header = ['car', 'id', 'initial', 'in stock', 'held', 'reserved', 'allocated', 'in mypage'];
  const cells = lines
    .slice(-shownCars)
    .map((each) => [
      each.carName,
      each.carId,
      ...[each.initial, each.qty, each.holds, each.reserved, each.allocated, each.shown].map(String),
    ]);
  console.log(table(header, cells));
  if (lines.length > shownCars) console.log(dim(`(the last ${shownCars} of ${lines.length} cars)`));

  const wrong = differences(snapshot);
  if (wrong.length === 0) {
    console.log(
      `\n${green('✓')} It holds for ${lines.length === 1 ? 'the one car' : `all ${lines.length} cars`}: initial = in stock + held, and held = reserved = allocated = in mypage.`,
    );
    return 0;
  }
  console.log(`\n${red('✗')} ${wrong.length} differences remain after ${values.wait} s:`);
  for (const each of wrong.slice(0, shownDifferences)) console.log(`  ${each}`);
  if (wrong.length > shownDifferences) console.log(`  … and ${wrong.length - shownDifferences} more`);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof NotRunning || error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dim, green, red } from '../bootstrap/lines.mjs';
import type { Stores } from '../systems/services.ts';
import { table } from '../terminal/table.ts';
import { differences, readStock, stockLines } from './stock.ts';

/** Longer than the lease of an unconfirmed hold (30 s), which a process that died may have left. */
const DEFAULT_WAIT_SECONDS = 45;

const shownCars = 20;
const shownDifferences = 20;

/**
 * How long a check may wait, from a command's arguments (`--wait SECONDS`).
 *
 * @throws TypeError naming an argument that it does not know
 */
export function waitSeconds(args: readonly string[]): number {
  const { values } = parseArgs({ args: [...args], options: { wait: { type: 'string', default: String(DEFAULT_WAIT_SECONDS) } } });
  return Number(values.wait);
}

/**
 * Checks that no stock was lost or sold twice, and prints what it finds.
 *
 * @param seconds how long to wait for events that are under way
 * @returns the exit code
 */
export async function checkStock(stores: Stores, seconds: number): Promise<number> {
  const deadline = Date.now() + seconds * 1000;
  let snapshot = await readStock(stores);
  let told = false;
  while (differences(snapshot).length > 0 && Date.now() < deadline) {
    if (!told) console.log(dim(`Waiting until the events that are under way have arrived (${seconds} s at most) …`));
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
  console.log(`\n${red('✗')} ${wrong.length} differences remain after ${seconds} s:`);
  for (const each of wrong.slice(0, shownDifferences)) console.log(`  ${each}`);
  if (wrong.length > shownDifferences) console.log(`  … and ${wrong.length - shownDifferences} more`);
  return 1;
}

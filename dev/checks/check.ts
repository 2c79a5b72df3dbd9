import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dim, green, red } from '../bootstrap/lines.mjs';
import type { Invariant, InvariantReading } from '../systems/descriptor.ts';
import type { Stores } from '../systems/stores.ts';
import { chooseSystems, type System } from '../systems/systems.ts';
import { table } from '../terminal/table.ts';

const SHOWN_ROWS = 20;
const SHOWN_VIOLATIONS = 20;
const POLL_MS = 250;

/** What a check is asked for. */
export interface CheckRequest {
  readonly systems: readonly System[];
  /** How long to wait for events under way; undefined for the time that each invariant names. */
  readonly waitSeconds: number | undefined;
}

/**
 * Reads the arguments `[SYSTEM…] [--wait SECONDS]`.
 *
 * @param running the systems to check where the arguments name none
 * @throws TypeError naming an unknown argument; RangeError naming an unknown system
 */
export function checkRequest(args: readonly string[], running: readonly System[]): CheckRequest {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { wait: { type: 'string' } } });
  const seconds = values.wait === undefined ? undefined : Number(values.wait);
  if (seconds !== undefined && !(seconds >= 0)) throw new TypeError(`--wait takes a number of seconds, not "${values.wait}".`);
  return { systems: positionals.length === 0 ? [...running] : chooseSystems(positionals), waitSeconds: seconds };
}

/** Checks the invariant of each system and prints what it finds. @returns the exit code */
export async function check({ systems, waitSeconds }: CheckRequest, stores: Stores): Promise<number> {
  let code = 0;
  for (const system of systems) {
    const { invariant } = await system.invariant();
    console.log(`${system.title}: ${invariant.condition}`);
    if (!(await checkOne(invariant, stores, waitSeconds ?? invariant.settleSeconds))) code = 1;
  }
  return code;
}

async function checkOne(invariant: Invariant, stores: Stores, seconds: number): Promise<boolean> {
  const reading = await settledReading(invariant, stores, seconds);
  const { header, rows, violations } = reading;
  console.log(`\n${table(header, rows.slice(-SHOWN_ROWS))}`);
  if (rows.length > SHOWN_ROWS) console.log(dim(`(the last ${SHOWN_ROWS} of ${rows.length} rows)`));
  if (violations.length === 0) {
    console.log(`\n${green('✓')} It holds for ${rows.length === 1 ? 'the one row' : `all ${rows.length} rows`}.`);
    return true;
  }
  console.log(`\n${red('✗')} ${violations.length} differences remain after ${seconds} s:`);
  for (const each of violations.slice(0, SHOWN_VIOLATIONS)) console.log(`  ${each}`);
  if (violations.length > SHOWN_VIOLATIONS) console.log(`  … and ${violations.length - SHOWN_VIOLATIONS} more`);
  return false;
}

/** Reads until the invariant holds, or the time is over. */
async function settledReading(invariant: Invariant, stores: Stores, seconds: number): Promise<InvariantReading> {
  const deadline = Date.now() + seconds * 1000;
  let reading = await invariant.read(stores);
  if (reading.violations.length > 0 && seconds > 0) console.log(dim(`Waiting for events that are under way (${seconds} s at most) …`));
  while (reading.violations.length > 0 && Date.now() < deadline) {
    await sleep(POLL_MS);
    reading = await invariant.read(stores);
  }
  return reading;
}

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { tested } from '../support/tested/index.ts';
import type { Findings } from './findings.ts';

/** Bounds of the pause between two samples, in milliseconds. */
const PAUSE_MS = 100;

/** One statement, hence one snapshot. */
const COUNTS = `
  select car_id, qty, initial_qty,
    (select count(*)::integer from holds where holds.car_id = cars.car_id and holds.state <> 'RELEASED') as held
  from cars where car_id = any($1::uuid[])`;

interface Counts {
  readonly car_id: string;
  readonly qty: number;
  readonly initial_qty: number;
  readonly held: number;
}

/** Reads stock and live holds of the cars again and again until the signal is aborted, and holds every snapshot against the invariant. */
export async function sampleStock(carIds: readonly string[], findings: Findings, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await sampleOverConnection(carIds, findings, signal);
    } catch {
      // PostgreSQL is a victim: connect again.
      findings.count('samples failed');
      await sleep(PAUSE_MS);
    }
  }
}

async function sampleOverConnection(carIds: readonly string[], findings: Findings, signal: AbortSignal): Promise<void> {
  await tested.withStores(async (stores) => {
    const client = new pg.Client({
      connectionString: stores.postgresUri('rentcar_car'),
      connectionTimeoutMillis: 2000,
      query_timeout: 5000,
    });
    // Without a listener the end of the connection would end the process; the query that runs is rejected anyway.
    client.on('error', () => undefined);
    await client.connect();
    try {
      while (!signal.aborted) {
        const { rows } = await client.query<Counts>(COUNTS, [carIds]);
        findings.count('samples');
        for (const counts of rows) judge(counts, findings);
        if (rows.length !== carIds.length) findings.violation(`a snapshot has ${rows.length} of ${carIds.length} cars`);
        await sleep(PAUSE_MS);
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  });
}

/** Holds the counts of one car, read in one snapshot, against the invariant. */
export function judge({ car_id: carId, qty, initial_qty: initial, held }: Counts, findings: Findings): void {
  if (qty + held !== initial) findings.violation(`car ${carId}: initial stock ${initial}, but ${qty} in stock and ${held} held`);
  if (qty < 0) findings.violation(`car ${carId}: ${qty} in stock`);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { setFaults } from '../../dev/laptop/faults.ts';
import type { Row } from '../../dev/mesh/rates.ts';
import { command } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { control, edge } from '../support/instance.ts';
import { registerCar, reserve } from '../support/rentcar.ts';
import { get } from '../support/rest.ts';
import { editPolicy, restoring, untilEverywhere } from './support/policy.ts';

const CAR = 'rentcar/car.yaml';

/** What `npm run mesh -- status --json` prints, as far as it is looked at here. */
interface Shown {
  readonly ready: boolean;
  readonly silent: readonly string[];
  readonly policy: { readonly ok: boolean };
  readonly rows: readonly Row[];
}

/** Shows the status of one interval while `call` is made over and over. */
async function statusWhile(call: () => Promise<unknown>, ...options: string[]) {
  let over = false;
  const calling = (async () => {
    while (!over) {
      await call().catch(() => undefined);
      await sleep(5);
    }
  })();
  try {
    return await command('mesh', 'status', ...options);
  } finally {
    over = true;
    await calling;
  }
}

async function rowsWhile(call: () => Promise<unknown>): Promise<readonly Row[]> {
  const { code, stdout, output } = await statusWhile(call, '--json', '--interval=0.5');
  expect(code, output).toBe(0);
  // The command's own output, asserted on below.
  const shown = JSON.parse(stdout) as Shown;
  expect(shown).toMatchObject({ ready: true, silent: [], policy: { ok: true } });
  return shown.rows;
}

function rowOf(rows: readonly Row[], sidecar: string, callee: string): Row {
  const row = rows.find((each) => each.direction === 'outbound' && each.sidecar === sidecar && each.callee === callee);
  if (!row) throw new Error(`no row ${sidecar} → ${callee}`);
  return row;
}

describe('npm run mesh -- status', () => {
  it('shows who calls whom, how often and how well', async () => {
    const { carId } = await registerCar(10_000);
    const rows = await rowsWhile(() => reserve({ carId }));
    for (const [sidecar, callee] of [
      ['edge', 'rentcar/reservation, reserve'],
      ['rentcar/reservation-1', 'rentcar/car'],
    ] as const) {
      const row = rowOf(rows, sidecar, callee);
      expect(row).toMatchObject({ success: 1, retries: 0, refused: 0, timeouts: 0, ejected: [], statuses: { OK: row.calls } });
      expect(row.calls).toBeGreaterThan(5);
      expect(row.callsPerSecond).toBeCloseTo(row.calls / row.seconds);
      expect(row.p50).toBeGreaterThan(0);
      expect(row.p99).toBeGreaterThanOrEqual(row.p50 ?? Number.NaN);
      expect(row.circuit.calls).toMatchObject({ limit: 256, isOpen: false });
    }
    expect(rows.find(({ direction, sidecar }) => direction === 'inbound' && sidecar === 'rentcar/car-1')?.calls).toBeGreaterThan(5);
  });

  it('shows failures by their status, and the replica that is ejected for them', async () => {
    await setFaults(control, 'rental', { errorRate: 1, errorCode: 14 });
    try {
      await eventually('an ejection is shown', async () => {
        const row = rowOf(await rowsWhile(() => get('/rentcar/rentals')), 'edge', 'rentcar/rental');
        expect(row).toMatchObject({ success: 0, statuses: { UNAVAILABLE: row.calls } });
        expect(row.ejections).toBeGreaterThan(0);
        expect(row.retries).toBeGreaterThan(0);
        expect(row.ejected).toEqual(['rentcar/rental-1']);
      });
    } finally {
      await setFaults(control, 'rental', {});
    }
    await eventually('rental is called again', async () => {
      expect(rowOf(await rowsWhile(() => get('/rentcar/rentals')), 'edge', 'rentcar/rental')).toMatchObject({ success: 1, ejected: [] });
    });
  });

  it('shows a circuit that is open, and how many calls it refuses', async () => {
    await restoring(CAR, async () => {
      editPolicy(CAR, (text) => text.replace('http2MaxRequests: 256', 'http2MaxRequests: 2'));
      await untilEverywhere((config) => config.includes('"max_requests": 2,'));
      await setFaults(control, 'car', { delayMsMin: 200, delayMsMax: 200 });
      try {
        await eventually('the circuit is shown as open', async () => {
          const calls = () => Promise.all(Array.from({ length: 10 }, () => get('/rentcar/cars').catch(() => undefined)));
          const row = rowOf(await rowsWhile(calls), 'edge', 'rentcar/car');
          expect(row.circuit.calls).toEqual({ limit: 2, left: 0, isOpen: true });
          expect(row.refused).toBeGreaterThan(0);
          expect(row.statuses.UNAVAILABLE).toBe(row.refused);
          expect(row.retries).toBe(0);
        });
      } finally {
        await setFaults(control, 'car', {});
      }
    });
  });

  it('is a table with --once, which ends by itself and has no colours where it is no terminal', async () => {
    const { code, output } = await statusWhile(() => get('/rentcar/cars'), '--once');
    expect(code, output).toBe(0);
    expect(output).toContain(edge.url);
    expect(output).toMatch(/^edge +rentcar\/car +[\d.]+ +100 % /m);
    expect(output).not.toContain('\u001b');
  });

  it('says so where a sidecar does not answer', async () => {
    await control.stop('rentcar/mypage-1-sidecar');
    try {
      expect((await command('mesh', 'status', '--once')).output).toContain("mypage-1's sidecar does not answer");
    } finally {
      await control.start('rentcar/mypage-1-sidecar');
    }
  });
});

describe('npm run mesh', () => {
  it('-- lint has nothing against the policies of this project', async () => {
    expect(await command('mesh', 'lint', '--strict')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/: 0 errors, 0 warnings\n/),
    });
  });

  it('-- explain tells what happens to a call, with file and line', async () => {
    const { code, output } = await command('mesh', 'explain', 'rentcar/reservation', 'car.CheckUpdateStock');
    expect(code).toBe(0);
    expect(output).toMatch(/1 s = timeout 1 s[^\n]*\n +\S*rentcar\/car\.yaml:\d+\n/);
  });

  it('-- explain lists what exists where a name is wrong', async () => {
    const { code, output } = await command('mesh', 'explain', 'rentcar/reservation', 'car.Nothing');
    expect(code).toBe(1);
    expect(output).toContain('car.CheckUpdateStock');
  });

  it('shows its commands to who asks for none', async () => {
    const { code, output } = await command('mesh');
    expect(code).toBe(2);
    for (const name of ['render', 'lint', 'explain', 'status']) expect(output).toContain(name);
  });
});

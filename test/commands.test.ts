import { describe, expect, it } from 'vitest';
import { command } from './support/command.ts';
import { onDatabase } from './support/database.ts';
import { control, edge, system } from './support/instance.ts';
import { qtyOf, registerCar, rentalBecomes, reserve } from './support/rentcar.ts';

describe('npm run status', () => {
  it('shows every process with its state, and where the system is', async () => {
    const { code, output } = await command('status');
    expect(code).toBe(0);
    const { processes } = await control.status();
    for (const { name, pid } of processes) expect(output).toMatch(new RegExp(`${name}\\s.*\\s${pid}\\s+ready\\s`));
    expect(output).toContain(edge.url);
  });

  it('shows what is stopped', async () => {
    await control.stop('rentcar/rental-1');
    try {
      expect((await command('status')).output).toMatch(/rental-1\s.*\sstopped\s/);
    } finally {
      await control.start('rentcar/rental-1');
    }
  });
});

describe('npm run check', () => {
  it('ends with 0 where the stock agrees with the reservations, and with 1 and the difference where it does not', async () => {
    const { carId } = await registerCar(7);
    const { reservationId } = await reserve({ carId });
    await rentalBecomes(reservationId, 'ALLOCATED');
    const good = await command('check');
    expect(good, good.output).toMatchObject({ code: 0 });

    const setQty = (qty: number) =>
      onDatabase('rentcar_car', (client) => client.query('update cars set qty = $2 where car_id = $1', [carId, qty]));
    await setQty(5);
    try {
      const bad = await command('check', '--wait', '0');
      expect(bad.code).toBe(1);
      expect(bad.output).toContain(carId);
    } finally {
      await setQty(6);
    }
    expect(await qtyOf(carId)).toBe(6);
    const again = await command('check');
    expect(again, again.output).toMatchObject({ code: 0 });
  });
});

describe('npm run dlq', () => {
  it('waits for a broker that was killed a moment ago', async () => {
    await control.kill('kafka', 'SIGKILL');
    const { code, output } = await command('dlq', 'list');
    expect(code, output).toBe(0);
  });
});

describe('a command that cannot be done says why in a sentence and ends with an error', () => {
  it('npm start and npm run up, when the system is running already', async () => {
    for (const name of ['start', 'up']) {
      const { code, output } = await command(name);
      expect({ name, code }).toEqual({ name, code: 1 });
      expect(output).toContain('already running');
      expect(output).not.toMatch(/\n\s+at /);
    }
    expect((await control.status()).processes.every(({ state }) => state === 'ready')).toBe(true);
  });

  it('npm run service, for a process that there is not', async () => {
    const { code, output } = await command('service', 'stop', 'nothing');
    expect(code).toBe(1);
    expect(output).toContain('nothing');
    for (const { name } of system.pods) expect(output).toContain(name);
  });

  it('npm run dlq, for anything but list and replay', async () => {
    expect(await command('dlq', 'forget')).toMatchObject({ code: 2, output: expect.stringContaining('list|replay') });
  });
});

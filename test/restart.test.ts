import { expect, it } from 'vitest';
import { command } from './support/command.ts';
import { control, edge } from './support/instance.ts';
import { everythingOf, mypageBecomes, registerCar, rentalBecomes, reserve } from './support/rentcar.ts';

/** Starts the tested instance in the background, as a person would. */
async function up(): Promise<void> {
  const { code, output } = await command('up');
  expect(code, output).toBe(0);
  expect(output).toContain(edge.url);
}

it('what was stored is there after npm run down and npm run up, and after the death of the supervisor', async () => {
  const { carId } = await registerCar(5);
  const { reservationId } = await reserve({ carId });
  await rentalBecomes(reservationId, 'ALLOCATED');
  await mypageBecomes(reservationId, 'ALLOCATED');
  const snapshot = () => everythingOf({ carId, reservationId });
  const before = await snapshot();

  const down = await command('down');
  expect(down, down.output).toMatchObject({ code: 0 });
  expect(await command('status')).toMatchObject({ code: 1 });
  await up();
  expect(await snapshot()).toEqual(before);

  // What it has started is left without anybody who would start it again: the next start ends it first.
  process.kill((await control.status()).pid, 'SIGKILL');
  await up();
  expect(await snapshot()).toEqual(before);
  const checked = await command('check');
  expect(checked, checked.output).toMatchObject({ code: 0 });
});

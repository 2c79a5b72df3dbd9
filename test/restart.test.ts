import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { policyFile } from './mesh/support/policy.ts';
import { command, start } from './support/command.ts';
import { eventually } from './support/eventually.ts';
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

  // The next start ends the processes that a killed supervisor left, and undoes the policy that a killed demonstration edited.
  const policy = policyFile('rentcar/reservation.yaml');
  const policyBefore = readFileSync(policy, 'utf8');
  const demo = start(process.execPath, ['dev/demos/main.ts', 'pool']);
  await eventually('the policy is edited', async () => expect(readFileSync(policy, 'utf8')).not.toBe(policyBefore));
  process.kill((await control.status()).pid, 'SIGKILL');
  demo.kill('SIGKILL');
  await demo.ended;
  await up();
  expect(readFileSync(policy, 'utf8')).toBe(policyBefore);
  expect(await snapshot()).toEqual(before);
  const checked = await command('check');
  expect(checked, checked.output).toMatchObject({ code: 0 });
});

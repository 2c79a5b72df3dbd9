import { beforeAll, expect, it } from 'vitest';
import { command } from '../support/command.ts';
import { runSystem } from '../support/systems.ts';
import { libraryAgrees } from './support.ts';

beforeAll(() => runSystem('rentalbook'));

it.each([['pool'], ['decoupling']])('the demonstration %s finds every promise kept, and leaves all services in agreement', async (name) => {
  const { code, stdout, output } = await command('demo', `rentalbook/${name}`, '--seconds', '3');
  expect(stdout, output).not.toContain('✗');
  expect(code, output).toBe(0);
  await libraryAgrees();
});

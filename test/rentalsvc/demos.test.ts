import { beforeAll, expect, it } from 'vitest';
import { command } from '../support/command.ts';
import { runSystem } from '../support/systems.ts';
import { rentalsAgree } from './support/rentals.ts';

beforeAll(() => runSystem('rentalsvc'));

it.each([
  ['circuit', ['--seconds', '6']],
  ['decoupling', ['--seconds', '2']],
])('the demonstration %s finds every promise kept, and leaves all services in agreement', async (name, options) => {
  const { code, stdout, output } = await command('demo', `rentalsvc/${name}`, ...options);
  expect(stdout, output).not.toContain('✗');
  expect(code, output).toBe(0);
  await rentalsAgree();
});

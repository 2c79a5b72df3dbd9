import { beforeAll, expect, it } from 'vitest';
import { command } from '../support/command.ts';
import { runSystem } from '../support/systems.ts';
import { allAgree } from './support.ts';

beforeAll(() => runSystem('starcoffee'));

it.each([
  ['circuit', ['--users', '50', '--seconds', '4']],
  ['decoupling', ['--seconds', '2']],
])('the demonstration %s finds every promise kept, and leaves all services in agreement', async (name, options) => {
  const { code, stdout, output } = await command('demo', `starcoffee/${name}`, ...options);
  expect(stdout, output).not.toContain('✗');
  expect(code, output).toBe(0);
  await allAgree();
});

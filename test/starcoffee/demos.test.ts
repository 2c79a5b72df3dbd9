import { beforeAll, expect, it } from 'vitest';
import { command } from '../support/command.ts';
import { each, range } from '../support/eventually.ts';
import { runSystem } from '../support/systems.ts';
import { allAgree, order } from './support.ts';

/** Orders after which processes that have just started answer well within the timeout of 610 ms. */
const WARM_UP = 60;

beforeAll(async () => {
  await runSystem('starcoffee');
  await each(range(WARM_UP), 5, () => order());
});

it.each([
  ['circuit', ['--users', '50', '--seconds', '4']],
  ['decoupling', ['--seconds', '2']],
])('the demonstration %s finds every promise kept, and leaves all services in agreement', async (name, options) => {
  const { code, stdout, output } = await command('demo', `starcoffee/${name}`, ...options);
  expect(stdout, output).not.toContain('✗');
  expect(code, output).toBe(0);
  await allAgree();
});

import { beforeAll, describe, expect, it } from 'vitest';
import { command } from '../support/command.ts';
import { runSystem } from '../support/systems.ts';
import { ticketsAgree } from './support.ts';

beforeAll(() => runSystem('cinema'));

describe('a demonstration of Happy Cinema', () => {
  it.each([
    ['circuit', ['--users', '50', '--seconds', '4']],
    ['decoupling', ['--seconds', '2']],
  ])('%s finds every promise kept, and leaves everything as before', async (name, options) => {
    const { code, output } = await command('demo', `cinema/${name}`, ...options);
    expect(code, output).toBe(0);
    await ticketsAgree();
  });
});

import { describe, expect, it } from 'vitest';
import { requireReady } from './preconditions.ts';

const process = {
  name: 'shop/front-1',
  title: 'front',
  state: 'ready',
  pid: 1,
  restarts: 0,
  address: '',
  uptime: 1,
  lastExit: undefined,
  log: '',
} as const;
const ready = { ready: true, systems: ['shop'], processes: [process], policy: { ok: true, at: '' } };

describe('a demonstration', () => {
  it('begins where its system and everything else is ready', () => {
    expect(() => requireReady(ready, 'shop')).not.toThrow();
  });

  it.each<[string, Partial<Parameters<typeof requireReady>[0]>, string]>([
    ['the instance is starting', { ready: false }, 'still starting'],
    ['its system does not run', { systems: ['other'] }, '`npm run up -- shop` adds it'],
    ['a process is stopped', { processes: [{ ...process, state: 'stopped' }] }, 'shop/front-1 is stopped'],
    ['the policies have an error', { policy: { ok: false, at: '', error: 'front.yaml:3: unknown field' } }, 'front.yaml:3'],
  ])('does not begin where %s, and says so', (_, change, sentence) => {
    expect(() => requireReady({ ...ready, ...change }, 'shop')).toThrow(sentence);
  });
});

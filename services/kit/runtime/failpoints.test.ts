import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { Failpoint_Action } from '#proto/rentmesh/fault/v1/fault.ts';
import { armedFailpoints, armFailpoints, failpoint, failpointNames } from './failpoints.ts';

const reached = failpoint('shop.ordered');
const LONG_MS = 600_000;
const pausing = (settings: { name?: string; pauseMs?: number; count?: number } = {}) => ({
  name: 'shop.ordered',
  action: Failpoint_Action.PAUSE,
  pauseMs: LONG_MS,
  count: 0,
  ...settings,
});

afterEach(() => armFailpoints([]));

describe('a failpoint', () => {
  it('does nothing until it is armed', () => {
    expect(failpointNames()).toContain('shop.ordered');
    expect(armedFailpoints()).toEqual([]);
    expect(reached()).toBeUndefined();
  });

  it('pauses once, or as often as its count', async () => {
    armFailpoints([pausing({ pauseMs: 1 })]);
    await reached();
    expect(reached()).toBeUndefined();
    armFailpoints([pausing({ pauseMs: 1, count: 2 })]);
    await reached();
    expect(armedFailpoints()).toEqual([pausing({ pauseMs: 1, count: 1 })]);
    await reached();
    expect(reached()).toBeUndefined();
    expect(armedFailpoints()).toEqual([]);
  });

  it('ends its pauses when failpoints are set again', async () => {
    armFailpoints([pausing()]);
    const paused = reached();
    expect(paused).toBeInstanceOf(Promise);
    armFailpoints([]);
    await paused;
    expect(reached()).toBeUndefined();
  });

  it('acts under its own name only', () => {
    armFailpoints([pausing({ name: 'shop.paid' })]);
    expect(reached()).toBeUndefined();
  });

  it('kills the process by SIGKILL before the next statement', () => {
    const file = new URL('./failpoints.ts', import.meta.url).href;
    const program = `
      const { armFailpoints, failpoint } = await import(${JSON.stringify(file)});
      const reached = failpoint('here');
      armFailpoints([{ name: 'here', action: ${Failpoint_Action.KILL}, pauseMs: 0, count: 0 }]);
      console.log('before');
      await reached();
      console.log('after');`;
    const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', timeout: 20_000 });
    expect({ signal, stdout }).toEqual({ signal: 'SIGKILL', stdout: 'before\n' });
  });
});

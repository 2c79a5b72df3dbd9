import { describe, expect, it } from 'vitest';
import { backoff, pause, Signal, within } from './waiting.ts';

const never = new AbortController().signal;

describe('waiting', () => {
  it('ends early when the signal is aborted', async () => {
    const started = Date.now();
    await pause(10_000, AbortSignal.timeout(10));
    expect(Date.now() - started).toBeLessThan(1000);
  });

  it('between tries grows, but not beyond 3 s', () => {
    const waits = [1, 2, 3, 20].map(backoff);
    expect(waits[0]).toBeGreaterThanOrEqual(75);
    expect(waits[0]).toBeLessThanOrEqual(100);
    expect(waits[2]).toBeGreaterThan(waits[0] ?? 0);
    expect(waits[3]).toBeLessThanOrEqual(3000);
  });

  it('for work is bounded', async () => {
    expect(await within(10, new Promise(() => undefined))).toBe(false);
    expect(await within(1000, Promise.resolve())).toBe(true);
    await expect(within(1000, Promise.reject(new Error('x')))).rejects.toThrow('x');
  });
});

describe('a signal', () => {
  it('that is set while nothing waits ends the next wait, once', async () => {
    const signal = new Signal();
    signal.set();
    signal.set();
    expect(await signal.wait(1000, never)).toBe(true);
    expect(await signal.wait(5, never)).toBe(false);
  });

  it('ends a wait', async () => {
    const signal = new Signal();
    setTimeout(() => signal.set(), 5);
    expect(await signal.wait(5000, never)).toBe(true);
  });
});

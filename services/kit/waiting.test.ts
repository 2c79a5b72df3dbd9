import { describe, expect, it } from 'vitest';
import { Bell, backoff, pause, within } from './waiting.ts';

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

describe('a bell', () => {
  it('that rings while nobody waits is heard at the next wait, once', async () => {
    const bell = new Bell();
    bell.ring();
    bell.ring();
    expect(await bell.wait(1000, never)).toBe(true);
    expect(await bell.wait(5, never)).toBe(false);
  });

  it('wakes who waits', async () => {
    const bell = new Bell();
    setTimeout(() => bell.ring(), 5);
    expect(await bell.wait(5000, never)).toBe(true);
  });
});

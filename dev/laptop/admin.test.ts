import { expect, it } from 'vitest';
import { lastRefusal } from './admin.ts';

it('finds in the log of an Envoy why it has refused its configuration the last time', () => {
  const entry = (text: string) => `[2026-11-21 11:09:16.123][1][warning][config] [source/common/config/x.cc:1] ${text}\n`;
  const first = entry('Filesystem config update rejected: first reason');
  const many = entry(
    'Filesystem config update rejected: goo.gle/debugstr\nname: "a"\nlb_policy: RING_HASH\n: Proto constraint validation failed (RingHash.Size: too large)',
  );
  expect(lastRefusal('')).toBeUndefined();
  expect(lastRefusal(entry('something else'))).toBeUndefined();
  expect(lastRefusal(first + entry('something else'))).toBe('first reason');
  expect(lastRefusal(first + many + entry('something else'))).toBe('RingHash.Size: too large');
});

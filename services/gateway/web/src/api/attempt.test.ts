import { expect, it } from 'vitest';
import { newAttempt } from './attempt.ts';

it('each attempt has a key of its own', () => {
  const keys = Array.from({ length: 100 }, () => newAttempt().headers['idempotency-key']);
  expect(new Set(keys).size).toBe(100);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
});

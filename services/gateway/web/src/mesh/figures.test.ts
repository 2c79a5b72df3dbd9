import { expect, it } from 'vitest';
import { duration, number, perSecond, share } from './figures.ts';

it('numbers have as many places as say something', () => {
  expect([0, 0.44, 9.96, 12.4, 1234].map(number)).toEqual(['0', '0.4', '10', '12', '1,234']);
  expect(perSecond(3)).toBe('3/s');
});

it('long times are told in seconds', () => {
  expect([undefined, 4.2, 45, 1234].map(duration)).toEqual(['–', '4.2 ms', '45 ms', '1.2 s']);
});

it('a share is a whole only if nothing is missing', () => {
  expect([undefined, 0, 0.5, 0.9999, 1].map(share)).toEqual(['–', '0%', '50%', '99.9%', '100%']);
});

import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { count, day, moment, today } from './format.ts';

it('counts have the noun that fits', () => {
  expect([0, 1, 2, 1200].map((value) => count(value, 'car'))).toEqual(['0 cars', '1 car', '2 cars', '1,200 cars']);
  expect(count(2, 'entry', 'entries')).toBe('2 entries');
});

it('a day is the same day in every time zone', () => {
  expect(day('2026-02-01')).toMatch(/Feb 1, 2026|1 Feb 2026/);
});

it('what is no day is shown as it is', () => {
  expect(day('soon')).toBe('soon');
});

it('a moment that is not there is empty', () => {
  expect(moment(undefined)).toBe('');
  expect(moment(timestampFromDate(new Date(2026, 1, 1, 12)))).toContain('2026');
});

it('today is the day of the person, not of Greenwich', () => {
  expect(today(new Date(2026, 0, 5, 0, 1))).toBe('2026-01-05');
  expect(today(new Date(2026, 11, 31, 23, 59))).toBe('2026-12-31');
});

import { describe, expect, it } from 'vitest';
import { formatRatio, formatSpread, spread, table } from './figures.ts';

describe('spread', () => {
  it('has the median, the smallest and the largest of the runs, whatever their order', () => {
    expect(spread([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
  });

  it('is NaN without runs', () => {
    expect(spread([])).toEqual({ median: Number.NaN, min: Number.NaN, max: Number.NaN });
  });
});

describe('formatSpread', () => {
  it.each<[string, readonly number[], string]>([
    ['several runs', [2.04, 1, 3], '2.0 (1.0–3.0)'],
    ['one run', [2], '2.0'],
    ['no run', [], '–'],
    ['runs without a figure', [Number.NaN], '–'],
  ])('formats %s', (_, values, text) => {
    expect(formatSpread(values)).toBe(text);
  });
});

describe('formatRatio', () => {
  it('compares medians, so that one outlier does not decide', () => {
    expect(formatRatio([6, 300, 6], [2, 2, 0.1])).toBe('3.00 ×');
  });

  it.each<[string, readonly number[], readonly number[]]>([
    ['the base has no runs', [1], []],
    ['the base is 0', [1], [0]],
  ])('has no figure if %s', (_, values, base) => {
    expect(formatRatio(values, base)).toBe('–');
  });
});

describe('table', () => {
  it('aligns columns, and fills missing cells', () => {
    expect(table(['a', 'long head'], [['value', '1'], ['b']]).split('\n')).toEqual([
      '| a     | long head |',
      '| ----- | --------- |',
      '| value | 1         |',
      '| b     |           |',
    ]);
  });
});

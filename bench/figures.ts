import { quantile } from '../dev/terminal/quantile.ts';

/** Median, smallest and largest of repeated runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Returns the spread of the runs' figures; NaN in all fields if there are none. */
export function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), min: quantile(values, 0), max: quantile(values, 1) };
}

/** Formats a spread as `median (min–max)`, a single run as its value, and none as a dash. */
export function formatSpread(values: readonly number[], digits = 1): string {
  const { median, min, max } = spread(values);
  if (Number.isNaN(median)) return '–';
  const text = (value: number) => value.toFixed(digits);
  return values.length === 1 ? text(median) : `${text(median)} (${text(min)}–${text(max)})`;
}

/** Formats how many times as large the median of `values` is as that of `base`, as `3.20 ×`. */
export function formatRatio(values: readonly number[], base: readonly number[]): string {
  const ratio = spread(values).median / spread(base).median;
  return Number.isFinite(ratio) ? `${ratio.toFixed(2)} ×` : '–';
}

/** Formats a Markdown table with aligned columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

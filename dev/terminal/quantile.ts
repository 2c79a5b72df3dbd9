/**
 * Returns the value at a share of the sorted values: 0 is the smallest, 1 the largest, 0.5 the median (the upper one of two in
 * the middle). NaN if there are no values.
 *
 * @param q 0 to 1
 */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

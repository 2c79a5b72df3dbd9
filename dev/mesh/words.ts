import type { Nanoseconds } from '../../envoy/policy/duration.ts';

const SCALES: readonly [number, string][] = [
  [3600e9, 'h'],
  [60e9, 'min'],
  [1e9, 's'],
  [1e6, 'ms'],
];

/** A length of time as people read it: `250 ms`, `1.5 s`, `5 min`. */
export function inWords(nanoseconds: Nanoseconds): string {
  const [size, unit] = SCALES.find(([scale]) => nanoseconds >= scale && Number.isInteger((nanoseconds / scale) * 1000)) ?? [1e6, 'ms'];
  return `${Number((nanoseconds / size).toFixed(3))} ${unit}`;
}

/** A length of time as a policy file has it: `250ms`, `1.5s`. */
export function inYaml(nanoseconds: Nanoseconds): string {
  return nanoseconds < 1e9 ? `${Math.ceil(nanoseconds / 1e6)}ms` : `${Number((nanoseconds / 1e9).toFixed(3))}s`;
}

/** `a`, `a or b`, `a, b or c`. */
export function listed(words: readonly string[], conjunction = 'or'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}

/** `1 replica`, `2 replicas`. */
export function counted(count: number, word: string, plural = `${word}s`): string {
  return `${count} ${count === 1 ? word : plural}`;
}

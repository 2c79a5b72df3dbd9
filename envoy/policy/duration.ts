const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** A length of time in nanoseconds, the resolution of Istio's durations. */
export type Nanoseconds = number;

/**
 * Reads a duration as Go's time.ParseDuration does, which is how Istio reads them: `250ms`, `1.5s`, `1h30m`, `0`.
 * @returns nanoseconds, or undefined if the text is no duration
 */
export function parseDuration(text: string): Nanoseconds | undefined {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/.exec(text) ?? [];
  if (rest === '0') return 0;
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== rest) return undefined;
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0);
  return Math.round(sign === '-' ? -total : total);
}

/** The protobuf-JSON form of a duration: `0.25s`. */
export function formatDuration(nanoseconds: Nanoseconds): string {
  const text = (Math.abs(nanoseconds) / 1e9).toFixed(9).replace(/\.?0+$/, '');
  return `${nanoseconds < 0 ? '-' : ''}${text}s`;
}

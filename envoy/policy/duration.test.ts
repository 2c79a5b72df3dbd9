import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('durations', () => {
  it('are read as Go writes them', () => {
    expect(parseDuration('250ms')).toBe(250e6);
    expect(parseDuration('1.5s')).toBe(1.5e9);
    expect(parseDuration('1h2m3s')).toBe(3723e9);
    expect(parseDuration('100us')).toBe(100e3);
    expect(parseDuration('0')).toBe(0);
    expect(parseDuration('-1s')).toBe(-1e9);
  });

  it.each(['', '5', '1 s', 's', '1d', '1.s.'])('are not read from %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('are written as protobuf-JSON has them', () => {
    expect(formatDuration(250e6)).toBe('0.25s');
    expect(formatDuration(60e9)).toBe('60s');
    expect(formatDuration(0)).toBe('0s');
    expect(formatDuration(1)).toBe('0.000000001s');
  });
});
